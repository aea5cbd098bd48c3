"""Privacy: who may read what, encryption of stored data and its keys, and translation between partners' ids
and the hub's."""
