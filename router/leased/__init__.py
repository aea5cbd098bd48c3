"""Do the work that only one process at a time may do, under a lease: for deadlines, for the lists of households
ready for housing, and for merged SIAO."""
