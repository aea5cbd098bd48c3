"""Processes of the hub: their roles and tasks, their shared parts, and the supervisor that starts them."""
