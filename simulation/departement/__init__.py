"""A whole département in simulated time: its partners behave as a seed has it, and react to what the hub tells them."""
