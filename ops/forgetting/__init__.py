"""Erasure of households: their keys are destroyed, and the remaining copies are listed."""
