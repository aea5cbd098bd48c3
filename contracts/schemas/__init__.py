"""JSON Schemas of every contract, in clear and as it travels; generated, and committed under `v1/`."""
