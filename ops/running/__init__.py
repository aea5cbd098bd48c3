"""Processes of the hub: their roles and duties, their shared parts, and the supervisor that starts them."""
