"""Erasure of households: their keys are destroyed. Whoever asks for it sees where copies remain."""
