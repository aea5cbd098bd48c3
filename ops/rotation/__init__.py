"""Secret keys of the hub: created, rotated, removed."""
