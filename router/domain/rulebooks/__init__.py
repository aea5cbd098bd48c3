"""Rule books: one state machine for each type of subject (demand, referral, place…). Pure.

A message makes a transition. An illegal transition gives the value `Anomalie`, not an exception. A repeated or
outdated message gives `Ignored`.
"""
