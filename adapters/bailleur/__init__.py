"""Dialect of social landlords, which receive candidacies and send their decisions."""
