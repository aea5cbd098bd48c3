"""Dialects of the SIAO's software: referrals and candidacies come from it; answers, and messages about
places, go to it."""
