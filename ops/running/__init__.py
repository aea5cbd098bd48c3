"""Processes of the hub: the roles and their tasks, the parts that they share, and the supervisor."""
