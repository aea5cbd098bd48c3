"""JSON Schemas of every contract: one for a contract as its sender writes it, one for a contract as it travels
with encrypted parts. The schemas are generated, and committed under `v1/`."""
