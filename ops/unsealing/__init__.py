"""Sealed bytes shown to a person, with a reason, audited."""
