"""Import of a retired application's data: rows of its export become messages, which the hub delivers to the
SIAO's software."""
