"""Import of a retired application's data through the hub into the SIAO's software."""
