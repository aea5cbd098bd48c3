"""Stored messages and replies for people: masked, or in clear for a reason that the audit records."""
