"""State of the hub: facts are gathered, judged, and told in one sentence each."""
