"""Dialect for the prefect's reserved housing. Services of the State use it, or an organisation that acts for
them."""
