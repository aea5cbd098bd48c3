"""History of a message, place or referral, for its sender, its parties and operators."""
