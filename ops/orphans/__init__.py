"""Orphan answers (without a matching referral), and the referrals that they probably mean."""
