"""Dialect of medical-social structures (LHSS, LAM, ACT). It carries referrals and the outcome of demands, and
nothing medical."""
