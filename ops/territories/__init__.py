"""Coverage of territories by partners: where a SIAO is missing, and what another registry or a merger would
change."""
