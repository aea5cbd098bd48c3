"""Dialects of the SIAO's software: referrals and candidacies come from the SIAO; answers to these and all
news of places are sent to the SIAO."""
