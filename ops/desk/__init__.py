"""Desk: pages on which people of a partner read what it received, and answer."""
