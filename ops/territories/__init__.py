"""Which partners cover which territory, where a SIAO is missing, and the changes by a new registry or a merger."""
