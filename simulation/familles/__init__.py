"""One simulated partner for each family beside the SIAO, shelters and landlords, written from the partners' guide.

`table` says who speaks which language by which door; a language is a few lines (`demandeurs`, `candidats`, `fhir`,
`operateur`), a door one class (`portes`). All of them are played by one process (`jouer`).
"""
