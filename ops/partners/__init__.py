"""The registry: files read, compared and applied; API keys."""
