"""Installations of the hub by the commands of the documentation, in machines and containers of their own."""
