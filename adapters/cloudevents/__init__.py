"""CloudEvents, for partners that prefer our contracts to a format of their own."""
