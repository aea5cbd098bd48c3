"""Dispatcher: turn events of the log into the bytes of each partner's dialect (message format), and deliver
these bytes, directly or by a mailbox."""
