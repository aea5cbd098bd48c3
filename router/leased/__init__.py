"""Work on the log that one process at a time does, under a lease: deadlines, lists of households, merged SIAO."""
