"""Messages of one partner, as that partner may see them."""
