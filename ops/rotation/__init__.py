"""Create, replace and remove the hub's secret keys."""
