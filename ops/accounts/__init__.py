"""Accounts of partners' people who have no identity provider: they log in by a link in a mail and a code of their
telephone."""
