"""Dialects of the SIAO's software: referrals and candidacies come from the SIAO; answers, and messages about
places, go to it."""
