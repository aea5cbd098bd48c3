"""JSON Schemas of every contract and of its sealed form, generated and committed under `v1/`."""
