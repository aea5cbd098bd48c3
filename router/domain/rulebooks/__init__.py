"""Rule books: of places, demands, referrals, candidacies, acts and households ready for housing. Pure.

A rule book is the state machine of one kind of subject, with the messages that move it. An illegal move is a
value (`Anomalie`), never an exception; a repeated or older message is `Ignored`.
"""
