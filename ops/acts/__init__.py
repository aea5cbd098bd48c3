"""Acts (agreements and derogations): their signatures, their end, and the places left."""
