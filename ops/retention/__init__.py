"""Delete data whose retention period is over."""
