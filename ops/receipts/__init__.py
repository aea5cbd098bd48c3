"""Issue and verify signed receipts. Each proves to anybody, without the hub, that a message or delivery
arrived, and when."""
