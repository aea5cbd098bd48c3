"""The rights of each account on Kafka: `droits.toml`, and the commands that give them."""
