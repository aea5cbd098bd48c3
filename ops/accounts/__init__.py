"""Accounts for people of a partner that has no identity provider. These people log in with a mailed link and a
code from their telephone."""
