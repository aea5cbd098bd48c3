"""Dialect of medical-social structures, which lodge people who are ill and have no home: lits halte soins
santé (LHSS), lits d'accueil médicalisés (LAM), appartements de coordination thérapeutique (ACT). It carries
nothing medical."""
