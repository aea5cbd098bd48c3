"""Monthly statement (relevé) of each structure: places, admissions with and without the SIAO, answers in
time."""
