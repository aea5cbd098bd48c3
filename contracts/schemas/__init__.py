"""JSON Schemas of every contract: as a sender writes it, and as it travels with encrypted parts. They are
generated, and committed under `v1/`."""
