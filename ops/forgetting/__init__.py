"""Erasure of households: the keys that encrypt their data are destroyed. The person who asks for it sees
where copies of the data remain."""
