"""Medical-social structures (LHSS, LAM, ACT): the orientation, and nothing medical."""
