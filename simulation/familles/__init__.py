"""One simulated partner of each family other than SIAO, shelters and landlords, written from the partners'
guide.

`table` lists them with their formats. A format is a few functions (`demandeurs`, `candidats`, `fhir`,
`operateur`), a transport one class (`portes`). One process runs all partners (`jouer`).
"""
