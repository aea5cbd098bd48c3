"""Desk in a browser: the pages of a partner's own people, and of a SIAO's."""
