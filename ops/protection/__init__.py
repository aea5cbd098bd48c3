"""Protected households, which nobody may search for, and the referents who are named to find them."""
