"""Balance of accepted events and due deliveries against their outcomes: is anything lost?"""
