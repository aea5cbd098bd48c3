"""State machines of places, demands, referrals, candidacies and households ready for housing: one table each,
pure.

An illegal move is a value (`Anomalie`), never an exception; a duplicate or older answer is `Ignored`.
"""
