"""The rights of the hub on PostgreSQL: `droits.toml`, and the statements that give them."""
