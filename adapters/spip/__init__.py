"""Prison probation: people about to leave prison, and the places found for them."""
