"""115 and street teams: people who are outside tonight come in, free places go out."""
