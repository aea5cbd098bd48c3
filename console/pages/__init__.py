"""Pages of the console for the hub's team, one module for each page."""
