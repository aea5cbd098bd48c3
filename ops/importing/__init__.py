"""Import of a retired application's data: the rows of its export enter the hub as messages, which it delivers
to the SIAO's software."""
