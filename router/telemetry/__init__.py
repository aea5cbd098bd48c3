"""Write the technical log, the metrics and the traces of the hub's processes."""
