"""Desk: pages on which a partner's own people read what they received and answer, through the functions of
the HTTP gateway."""
