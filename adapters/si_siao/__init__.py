"""Dialects of the SIAO's software: referrals and candidacies come from the SIAO; answers, and all news of
places, go to it."""
