"""Dialect of the national register of demands for social housing (SNE)."""
