"""Accounts for people of a partner that has no identity provider. They log in with a link sent by mail and a
code from their telephone."""
