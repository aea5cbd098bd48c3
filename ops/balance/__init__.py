"""Balance of accepted events and due deliveries: the proof that nothing is lost."""
