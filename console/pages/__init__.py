"""Pages of the console for the hub's team."""
