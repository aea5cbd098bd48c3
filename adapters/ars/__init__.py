"""Dialect of medical-social structures: lits halte soins santé (LHSS), lits d'accueil médicalisés (LAM),
appartements de coordination thérapeutique (ACT). It carries nothing medical."""
