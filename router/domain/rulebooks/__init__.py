"""Rule books: one state machine for each type of subject. Pure.

A message makes a transition. An illegal one gives the value `Anomalie`, not an exception; a repeated or
outdated message gives `Ignored`.
"""
