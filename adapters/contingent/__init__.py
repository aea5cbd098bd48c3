"""Dialect for the prefect's reserved housing: services of the State, or the body to which this housing
(contingent) is delegated."""
