"""CIL, today Action Logement: housing reserved to employers' funds."""
