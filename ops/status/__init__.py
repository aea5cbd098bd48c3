"""State of the hub: facts are gathered, judged, and summed up in one sentence each."""
