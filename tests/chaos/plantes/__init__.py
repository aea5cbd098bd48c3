"""Bugs of one line, one a promise; `make plantes` plants each alone and shows that a test finds it."""
