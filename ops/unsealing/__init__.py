"""Display of stored messages and replies to a person: masked, or in clear for a reason that the audit
records."""
