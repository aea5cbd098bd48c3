"""Keys: made, turned, removed."""
