"""How the hub is brought up: local parts for development and tests, containers for everything else."""
