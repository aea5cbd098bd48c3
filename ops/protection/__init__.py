"""Protection of households for which nobody may search, except the referents appointed for them."""
