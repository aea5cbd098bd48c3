"""Erasure of households. The households' keys are destroyed, and the copies that remain are listed."""
