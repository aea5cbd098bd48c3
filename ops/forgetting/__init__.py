"""Erasure of households. Their keys are destroyed, and the copies that remain are listed."""
