"""One simulated partner of each family other than SIAO, shelters and landlords, written from the partners'
guide.

A format is a few functions (`langue`), a transport one class (`portes`). `table` lists the partners.
"""
