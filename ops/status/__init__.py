"""Tell the state of the hub: facts are gathered and judged, and each finding is one French sentence."""
