"""Dispatcher: render events in each partner's dialect, and deliver them directly or by a mailbox."""
