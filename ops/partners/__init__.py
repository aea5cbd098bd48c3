"""Registry of partners: reading, comparison and application of registry files, and API keys."""
