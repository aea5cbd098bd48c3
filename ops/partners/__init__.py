"""Registry of partners: files that are read, compared and applied, and API keys."""
