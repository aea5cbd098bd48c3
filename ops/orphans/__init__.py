"""Orphan answers, and the referrals that they probably mean."""
