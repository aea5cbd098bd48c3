"""Simulated partners of the hub: a SIAO, three shelters and two landlords, each in its own process, and one
partner of every other family in one (`familles`).

They use only the hub's public interfaces (HTTP, SFTP, the mailbox), and their own code for their formats.
Each writes all its messages to a journal on disk, in which `oracle` finds lost and duplicate ones. For the
demo, the fault runs and the benchmarks.
"""
