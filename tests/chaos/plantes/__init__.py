"""Bugs of one line, one for each promise. `make plantes` plants each of them alone and checks that a test finds it."""
