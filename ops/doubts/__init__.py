"""Find what partners declare and the hub cannot rely on: it differs from the hub's count, or was not declared
anew in time."""
