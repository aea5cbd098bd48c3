"""Level of service: the share of referrals and candidacies that are answered in time."""
