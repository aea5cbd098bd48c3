"""Monthly statement (relevé) of each structure: places, admissions through the SIAO and without it, answers
in time."""
