"""Dialect of the State's services: DDETS and other services of the prefect."""
