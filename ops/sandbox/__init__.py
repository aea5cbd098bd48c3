"""Sandbox: the hub simulates a SIAO for a partner that tests its software."""
