"""Protection of households: only referents, the people appointed for this, may search for them."""
