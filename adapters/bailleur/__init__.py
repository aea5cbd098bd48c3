"""Dialect of social landlords: candidacies are sent to them, decisions come from them."""
