"""JSON Schemas, two for each contract: the message as its sender writes it, and the message as it travels with
encrypted parts. The schemas are generated, and committed under `v1/`."""
