"""Tell which partners cover each territory, where a SIAO is missing, and what a new registry or a merger of
SIAO would change."""
