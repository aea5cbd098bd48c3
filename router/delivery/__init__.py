"""From the log to partners' bytes: lanes, rendering, connections, mailboxes."""
