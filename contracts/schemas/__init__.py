"""JSON Schemas, two for each contract: the message as its sender writes it, and as it travels with encrypted
parts. They are generated, and committed under `v1/`."""
