"""Deletion of data whose retention period is over."""
