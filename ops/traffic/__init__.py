"""Flows: how many messages passed, by partner and hop."""
