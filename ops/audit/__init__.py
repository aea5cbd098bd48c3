"""Audit (who did what at the hub): its chain of hashes, its search, and the proof that no row was changed,
removed or added."""
