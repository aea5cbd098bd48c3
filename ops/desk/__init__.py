"""The desk: what a partner's own people read and say in a browser, by the door's own functions."""
