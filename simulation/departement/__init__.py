"""A whole département in simulated time: its partners act by chance, from a seed, and react to the hub's deliveries."""
