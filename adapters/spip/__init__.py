"""Dialects of prison probation (SPIP): demands for people about to leave prison come from it, the places
found for them are sent to it."""
