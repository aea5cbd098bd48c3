"""Dialect of the SNE, the national register of demands for social housing."""
