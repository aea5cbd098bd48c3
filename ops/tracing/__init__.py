"""History of a message or subject, for its sender, for the partners concerned, and for the hub's
operators."""
