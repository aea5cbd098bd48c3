"""The balance of what was accepted and what is due: proof that nothing is lost."""
