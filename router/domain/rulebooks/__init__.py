"""Rule books: one state machine for each kind of subject. Pure.

A message makes a transition. An illegal transition gives the value `Anomalie`, not an exception. A repeated
or outdated message gives `Ignored`.
"""
