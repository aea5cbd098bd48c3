"""Rule books: one state machine for each type of subject.

A message makes a transition of its subject from one state to another. A message that the subject's state
forbids raises no exception: the result is the value `Anomalie`. For a repeated or outdated message, it is
`Ignored`.
"""
