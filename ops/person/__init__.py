"""Let people exercise their rights over their data (GDPR 12 and 15 to 21; GDPR is the European law on
personal data)."""
