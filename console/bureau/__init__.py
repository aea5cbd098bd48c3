"""Serve the pages of the desk, on which people of a partner read what it received, and answer."""
