"""115 and street teams: who is out there tonight, and where there is a place."""
