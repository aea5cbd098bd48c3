"""Trials of the tests themselves, and long trials of the hub that go beyond `make test`."""
