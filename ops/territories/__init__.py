"""Which partners cover which territory, where a SIAO is missing, and what another registry or a merger would
change."""
