"""Coverage of territories by partners, its gaps, and the effect of a new registry or a merger."""
