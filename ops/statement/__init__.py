"""Make the monthly statement (relevé) of each structure: its places, its admissions through the SIAO and
without it, and its answers in time."""
