"""Balance of accepted events and due deliveries against their outcomes. The balance proves that nothing is
lost, or shows what is."""
