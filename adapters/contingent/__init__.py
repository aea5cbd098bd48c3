"""Dialect for the prefect's reserved housing (contingent). It is used by services of the State, or by a body
that acts in their place."""
