"""One simulated partner for each family beside the SIAO, shelters and landlords, written from the partners' guide.

`table` gives each partner its language; a language is a few lines (`demandeurs`, `candidats`, `fhir`,
`operateur`), a transport one class (`portes`). One process plays all of them (`jouer`).
"""
