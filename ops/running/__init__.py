"""A process of the hub: its roles, their duties, the parts that they share, and who starts them."""
