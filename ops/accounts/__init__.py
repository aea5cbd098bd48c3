"""Accounts for people whose partner has no identity provider. They log in with a mailed link and a code from
their telephone."""
