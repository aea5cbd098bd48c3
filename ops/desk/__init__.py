"""Desk: web pages on which people of a partner read what the partner received, and answer."""
