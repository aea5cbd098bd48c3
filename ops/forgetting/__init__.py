"""Erasure of households: their keys are destroyed, so that nobody can read their data. Whoever asks for an
erasure sees where copies remain."""
