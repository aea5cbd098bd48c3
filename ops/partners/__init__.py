"""Registry of partners: files read, compared and applied; API keys."""
