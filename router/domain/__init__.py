"""Knowledge of the hub that needs no clock, network or database: facts, rules, rule books, routing, subjects."""
