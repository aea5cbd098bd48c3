"""What the tests themselves are worth."""
