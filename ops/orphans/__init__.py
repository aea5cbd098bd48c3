"""Orphan answers (answers to a request that the hub does not know), and the referrals that they probably
mean."""
