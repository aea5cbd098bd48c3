"""Balance of accepted events and due deliveries against their outcomes. It proves that nothing is lost, or
shows what is."""
