"""Dialects of the SIAO's software: referrals and candidacies come from it; answers and places go to it."""
