"""Dispatcher: turn events of the log into bytes for partners, by lanes, rendering, connections and mailboxes."""
