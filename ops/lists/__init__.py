"""Lists of places, referrals and deliveries, in pages."""
