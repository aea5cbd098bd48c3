"""The rights of each account on Kafka: the table `droits.toml`, and the commands that grant them."""
