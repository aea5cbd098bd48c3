"""Dialects: formats in which partners' software writes and reads messages.

A dialect is a module of pure functions between a partner's bytes and our contracts. It decodes row by row,
and says in French which row and field is wrong. Equal arguments give equal bytes.
"""
