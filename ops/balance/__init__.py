"""Balance of accepted events and due deliveries against their outcomes: the proof that nothing is lost."""
