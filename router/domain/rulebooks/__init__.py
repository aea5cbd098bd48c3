"""Rule books: one state machine for each type of subject. Pure.

A message makes a transition. An illegal message gives the value `Anomalie`, not an exception. A repeated or
outdated message gives `Ignored`.
"""
