"""Rights to read (`view`, data in `matrix.toml`), and sealing at rest (`sealing`, `keyring`)."""
