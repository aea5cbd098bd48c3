"""Messages found by partner, type, state, hour or words of an error."""
