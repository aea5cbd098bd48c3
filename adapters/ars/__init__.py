"""Dialect of medical-social structures (LHSS, LAM, ACT). It carries nothing medical."""
