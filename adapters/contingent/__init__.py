"""Dialect for the prefect's reserved housing (contingent): services of the State, or a body in their place."""
