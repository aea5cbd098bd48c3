"""Households forgotten: keys destroyed, copies listed."""
