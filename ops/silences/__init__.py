"""Silences: alerts about partners that send nothing although their rhythm lets messages be expected."""
