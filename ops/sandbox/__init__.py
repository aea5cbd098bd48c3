"""The sandbox: a SIAO that the hub plays for a partner that tries its software."""
