"""Dialects of the State's services (DDETS and others of the prefect)."""
