"""Orphan answers (answers that match no referral), and the referrals that they probably mean."""
