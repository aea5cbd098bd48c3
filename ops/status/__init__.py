"""The state of the hub: facts gathered, judged, and said in one sentence each."""
