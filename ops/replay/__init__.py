"""Show what is in quarantine: messages and events that the hub can neither read nor apply. Replay, correct or
close them, as a person decides."""
