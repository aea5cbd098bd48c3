"""The rights of the hub's roles on PostgreSQL: the table `droits.toml`, and the SQL statements that grant them."""
