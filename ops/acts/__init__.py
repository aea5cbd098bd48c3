"""Acts (agreements and derogations): their signatures, their dates of expiry, and the places that may still
be filled under a derogation."""
