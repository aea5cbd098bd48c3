"""Shelter software: places and decisions in, referrals out."""
