"""Bugs of one line, kept as patches; `make plantes` plants each alone and shows that a test finds it."""
