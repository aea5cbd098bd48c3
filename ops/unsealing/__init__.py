"""Unsealing of bytes for a person who gives a reason, with a row in the audit."""
