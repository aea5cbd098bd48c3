"""Let people exercise their rights over their data (GDPR, the European law on personal data, 12 and 15 to
21)."""
