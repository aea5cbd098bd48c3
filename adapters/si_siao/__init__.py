"""Dialects of the SIAO's software: referrals and candidacies come from the SIAO. Answers, and messages about
places, go to the SIAO."""
