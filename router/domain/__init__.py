"""What the hub knows without clock, network or database: facts, rules, rule books, routing, subjects."""
