"""History of a message, place or referral. Its sender, the partners concerned and the hub's operators may read
it."""
