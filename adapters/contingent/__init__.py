"""Dialect for the prefect's reserved housing (contingent). It is used by services of the State, or by an
organisation that acts in their place."""
