"""State machines of places, referrals and candidacies: one table each, pure.

An illegal move is a value (`Anomalie`), never an exception; a duplicate or older answer is `Ignored`.
"""
