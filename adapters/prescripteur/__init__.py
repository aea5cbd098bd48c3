"""Dialect of partners that bring households to the SIAO (prescripteurs): municipal social services (CCAS),
département, hospital, child welfare (ASE), day centre."""
