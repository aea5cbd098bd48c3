"""Intake: turn partners' bytes into events of the log, whether a partner sends them or the hub picks them up."""
