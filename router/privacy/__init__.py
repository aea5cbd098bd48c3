"""Privacy: who may read what, how data and its keys are encrypted, and how partners' ids become the hub's and
back."""
