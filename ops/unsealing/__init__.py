"""Show stored messages and replies to a person: masked, or in clear with a reason. The audit records the
reason."""
