"""Acts (agreements and derogations, which several parties sign): their signatures, their expiry, and the
places that may still be filled under a derogation."""
