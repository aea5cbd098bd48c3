"""Sandbox: the hub plays a SIAO for a partner that tries its software."""
