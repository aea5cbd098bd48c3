"""Acts (agreements and derogations): their signatures, their dates of expiry, and the places left under them."""
