"""Doubts about what partners declare: the hub cannot rely on it, because it differs from the hub's count or
was not declared anew in time."""
