"""Rights of a person over their data (GDPR 12 and 15 to 21)."""
