"""Dialects of the SIAO's software, which sends referrals and candidacies, and receives answers and places."""
