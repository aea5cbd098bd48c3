"""Erasure of households: their keys are destroyed, and remaining copies are listed."""
