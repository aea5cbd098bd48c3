"""Stored messages and replies, as people may see them: masked, or in clear for a reason that the audit records."""
