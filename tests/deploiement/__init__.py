"""The page « Installer », carried out in a machine of its own."""
