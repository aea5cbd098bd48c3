"""History of a message, place or referral, as its sender, its parties and the hub's operators may read it."""
