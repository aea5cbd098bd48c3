"""Dialect of shelter software: places and decisions come from shelters, referrals go to them."""
