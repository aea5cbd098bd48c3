"""Dialect of shelter software. Shelters send places and decisions; they receive referrals."""
