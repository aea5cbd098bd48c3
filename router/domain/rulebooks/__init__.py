"""Rule books: of places, demands, referrals, candidacies, acts and households ready for housing. Pure.

An illegal move is a value (`Anomalie`), never an exception; a duplicate or older answer is `Ignored`.
"""
