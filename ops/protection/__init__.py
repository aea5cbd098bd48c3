"""Protected households: who they are, and the referents who are named to find them all the same."""
