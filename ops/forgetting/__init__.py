"""Erasure of households: keys destroyed, copies listed."""
