"""Import of a retired application's data. Its rows enter the hub as messages, and the hub delivers them to
the SIAO's software."""
