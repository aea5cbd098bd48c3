"""The audit's chain, its search, and the proof that it is whole."""
