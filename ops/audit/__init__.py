"""Proof and search of the audit, a signed hash chain of rows."""
