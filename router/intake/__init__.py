"""Turn the bytes that partners send, or that the hub fetches, into events in the log. This is the intake."""
