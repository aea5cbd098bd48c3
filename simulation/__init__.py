"""Simulated partners of the hub: a SIAO, three shelters and two landlords, each in a process of its own, and
one partner of every other family, all in one process (`familles`).

They use only the hub's public interfaces (HTTP, SFTP, the mailbox), and their own code for their formats.
Each writes every message that it sends or receives to a journal on disk, in which `oracle` finds lost and
duplicate messages. The demo, the fault runs and the benchmarks use them.
"""
