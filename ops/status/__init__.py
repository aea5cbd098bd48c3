"""State of the hub: facts gathered, judged, and summed up in one sentence each."""
