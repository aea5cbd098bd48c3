"""Processes of the hub: roles and tasks, shared parts, and the supervisor."""
