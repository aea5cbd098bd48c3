"""JSON Schemas of all contracts, two for each: one of the message as its sender writes it, and one of the
message as it travels with encrypted parts. They are generated, and committed under `v1/`."""
