"""History of a message or subject, for its sender, the partners concerned and the hub's operators."""
