"""Manage the partners: read, compare and apply registry files, find the owner of an API key, try dialects and
column profiles on a file."""
