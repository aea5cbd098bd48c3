"""The hub itself: intake, relay, workers, dispatcher, and the pure rules that they carry out."""
