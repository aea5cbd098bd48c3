"""Protection of households: only their referents may search for them."""
