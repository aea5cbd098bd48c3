"""Partners that bring households to the SIAO: CCAS, département, hospital, ASE, day centre."""
