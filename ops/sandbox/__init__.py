"""Sandbox: the hub plays a SIAO for a partner that tests its software."""
