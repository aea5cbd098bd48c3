"""One suite of behaviours that every connector passes, against real servers on real sockets."""
