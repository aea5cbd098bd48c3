"""Bodies made to cost: what a dialect must refuse cheaply, whoever sends it."""
