"""Accounts of partners' people who have no identity provider: a link in a mail, then a code of their telephone."""
