"""Proof and search of the audit, which is a signed hash chain of rows."""
