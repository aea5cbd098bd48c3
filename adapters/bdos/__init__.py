"""The national base of social observation: pseudonymous records out, published figures in."""
