"""The dialects: formats in which partners' software writes and reads messages.

A dialect has two pure functions. `decode` turns a partner's bytes into our contracts, row by row: the
rejection of a row says in French which field is wrong. `encode` turns our contracts into a partner's bytes:
equal arguments give equal bytes.
"""
