"""The registry: read from its files, compared, applied; API keys."""
