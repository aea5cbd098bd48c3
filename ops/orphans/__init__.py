"""Orphan answers, which match no referral, and the referrals that they probably mean."""
