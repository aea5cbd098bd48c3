"""Lists of places, referrals and deliveries, page by page."""
