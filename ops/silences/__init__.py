"""Flows that miss their rhythm."""
