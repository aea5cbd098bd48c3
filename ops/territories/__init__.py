"""Which partners cover which territory, where a SIAO is missing, and what a new registry or a merger would
change."""
