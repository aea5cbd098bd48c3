"""Who brings households to the SIAO: CCAS, département, hospital, ASE, day centre."""
