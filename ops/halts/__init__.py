"""Sources that are paused at one place, and read on from where a person says."""
