"""History of a message, place or referral, as its sender, the partners that it concerns and the hub's
operators may read it."""
