"""Processes of the hub: their roles, the tasks of each role, the objects shared by tasks, and the supervisor."""
