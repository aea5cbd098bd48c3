"""Dialect for the prefect's reserved housing, for services of the State or an organisation in their place."""
