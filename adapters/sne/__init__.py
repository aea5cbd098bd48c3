"""The national register of demands for social housing (SNE)."""
