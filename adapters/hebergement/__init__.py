"""Dialect of shelter software: places and decisions come from shelters, referrals are sent to them."""
