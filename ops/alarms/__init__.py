"""Alarms: which verdicts are worth waking somebody, through which channel, once at the start and once at the end."""
