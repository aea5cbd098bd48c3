"""Quarantine, which holds messages and events that the hub can neither read nor apply, and their replay."""
