"""From the log to bytes: lanes, rendering, partners' connections, mailboxes."""
