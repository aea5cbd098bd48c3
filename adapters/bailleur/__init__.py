"""Dialect (message format) of social landlords. The hub sends candidacies to landlords, and landlords send
their decisions to the hub."""
