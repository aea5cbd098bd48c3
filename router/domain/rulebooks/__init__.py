"""Rule books of places, demands, referrals, candidacies, acts and households ready for housing. Pure.

A rule book is the state machine of one kind of subject. Each transition is made by a message. An illegal
transition is a value (`Anomalie`), never an exception; a repeated or older message is `Ignored`.
"""
