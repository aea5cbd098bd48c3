"""Level of service: the share of answers given in time."""
