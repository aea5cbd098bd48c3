"""Level of service: the share of referrals and candidacies answered in time."""
