"""Import of a retired application's data, row by row, through the hub into the SIAO's software."""
