"""Rights of one person on what the hub holds of her (GDPR 12 and 15 to 21)."""
