"""Secret keys of the hub: creation, rotation, removal."""
