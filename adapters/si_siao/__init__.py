"""Dialects of the SIAO's software: referrals and candidacies come from the SIAO; answers to them and all news
of places are sent to it."""
