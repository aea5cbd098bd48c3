"""Rights of a person over the data that the hub holds about them (GDPR 12 and 15 to 21)."""
