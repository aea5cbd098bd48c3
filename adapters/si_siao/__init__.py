"""The SIAO's own software: referrals and candidacies in, their answers and all news of places out."""
