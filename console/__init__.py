"""The console: what people look at, and decide, in a browser. It stands on the functions of the command line."""
