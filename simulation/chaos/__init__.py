"""Deliberate faults against a running hub: its processes, Kafka, PostgreSQL, disks, network, clocks and
partners are broken while simulated partners exchange messages.

Afterwards the partners' journals prove that nothing was lost, or show the defect.
"""
