"""Tools to run the hub: real Kafka and PostgreSQL on this machine for development and tests, containers and systemd
for other uses."""
