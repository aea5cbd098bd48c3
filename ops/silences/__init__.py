"""Alert the SIAO about silences. A partner is silent if it misses its rhythm: the days and hours by which it
sends messages."""
