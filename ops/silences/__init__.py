"""Silences: alerts about partners that miss their rhythm."""
