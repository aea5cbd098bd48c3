"""Dialect of partners that bring households to the SIAO: CCAS, département, hospital, ASE, day centre."""
