"""Dialect of social landlords: candidacies are sent to landlords, decisions come from them."""
