"""One suite of behaviours that every connector must pass, against real servers on real sockets."""
