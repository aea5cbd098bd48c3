"""The SIAO's own software: referrals and candidacies in, everything that becomes of them out."""
