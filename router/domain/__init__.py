"""Knowledge of the hub that needs no clock, network or database: message facts, rules, rule books, routing,
subjects."""
