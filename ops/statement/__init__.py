"""Monthly statement (relevé) of each structure: its places, admissions through the SIAO and without it, and
answers in time."""
