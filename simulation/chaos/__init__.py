"""Deliberate faults: the partners and journals of the demo, while the hub and its foundations are broken.

Nothing in the hub knows of it. The journals afterwards are the proof, or show the defect.
"""
