"""JSON Schemas, two for each contract: the message as its sender writes it, and as it travels with encrypted
parts. Generated, and committed under `v1/`."""
