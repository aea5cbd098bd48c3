"""Coverage of territories by partners, gaps in it, and the effect of a new registry or a merger."""
