"""Render events in each partner's dialect, and deliver them directly or by a mailbox. The dispatcher is the role
that does this."""
