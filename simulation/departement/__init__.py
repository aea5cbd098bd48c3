"""A whole département in simulated time. Its partners act at random, from a seed, and react to the hub's
deliveries."""
