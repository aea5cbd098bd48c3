"""CloudEvents, for any partner that prefers our contracts to a format of its own."""
