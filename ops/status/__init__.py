"""State of the hub: facts are gathered and judged; each finding is one French sentence."""
