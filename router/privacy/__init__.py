"""Who sees what (`view`, data in `matrix.toml`), and how it is sealed at rest (`sealing`, `keyring`)."""
