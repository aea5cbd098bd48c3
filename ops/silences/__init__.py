"""Silences: alerts to the SIAO about partners that miss their rhythm (the days and hours by which they send
messages)."""
