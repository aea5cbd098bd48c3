"""The audit: chained, signed, verified."""
