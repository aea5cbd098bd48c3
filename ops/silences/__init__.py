"""Silences: partners that miss their rhythm."""
