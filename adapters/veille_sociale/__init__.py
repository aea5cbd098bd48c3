"""115 and street teams: people outside tonight in, free places out."""
