"""Privacy: who may read what, how data and keys are encrypted, and how ids are translated."""
