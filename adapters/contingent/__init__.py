"""Dialect for the prefect's reserved housing (contingent), for services of the State or an organisation that
acts in their place."""
