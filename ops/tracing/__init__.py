"""The way of one message, place or referral, step by step, for its sender and for operators."""
