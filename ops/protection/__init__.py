"""Protection of households: only the referents appointed for them may search for them."""
