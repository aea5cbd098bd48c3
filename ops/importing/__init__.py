"""Import: the data of a retired application, row by row, through the hub into the SIAO's software."""
