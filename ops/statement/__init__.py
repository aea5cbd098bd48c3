"""Monthly statement (relevé) of each structure: declared places, admissions through the SIAO and without it, answers
in time."""
