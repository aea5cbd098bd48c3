"""Faults on purpose: the same partners and journals as the demo, while the hub and what it stands on is broken.

Nothing in the hub knows of it. What the journals say afterwards is the proof, or the defect.
"""
