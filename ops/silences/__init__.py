"""Silences: alerts about partners that send nothing although messages are expected."""
