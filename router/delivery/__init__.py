"""Dispatcher: turn events of the log into bytes and send them to partners, directly or through mailboxes."""
