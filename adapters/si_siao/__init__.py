"""Software of the SIAO: referrals and candidacies in, their answers and all news of places out."""
