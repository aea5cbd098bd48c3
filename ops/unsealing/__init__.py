"""Display of stored messages and replies to a person: masked, or in clear with a reason, which the audit records."""
