"""Dialects of prison probation (SPIP), which brings people about to leave prison."""
