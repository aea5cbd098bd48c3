"""Prison probation: people about to leave, and what was found for them."""
