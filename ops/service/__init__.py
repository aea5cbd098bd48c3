"""Level of service: the answers given in time."""
