"""Pages of the desk, on which people of a partner read and answer."""
