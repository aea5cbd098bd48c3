"""Deliberate faults against a running hub: its processes, Kafka, PostgreSQL, disks, network, clocks and
partners.

Afterwards the partners' journals prove that nothing was lost, or show the defect.
"""
