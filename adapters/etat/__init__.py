"""The State's services (DDETS and others of the prefect)."""
