"""Privacy: who may read what, how stored data and its keys are encrypted, and how partners' ids are translated
into the hub's ids and back."""
