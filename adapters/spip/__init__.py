"""Dialects of prison probation (SPIP): demands for people about to leave prison come from probation services,
and the places found are sent to these services."""
