"""Dialect of medical-social structures (LHSS, LAM, ACT): it carries referrals, and nothing medical."""
