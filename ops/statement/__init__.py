"""Dated statement of each structure: places declared, admissions through the SIAO and without it, answers in time."""
