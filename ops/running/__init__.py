"""Processes of the hub: their roles, the tasks of each role, the objects that tasks share, and the
supervisor."""
