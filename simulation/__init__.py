"""Simulated partners of the hub, for the demo, the fault runs and the benchmarks.

They use only the hub's public interfaces (HTTP, SFTP, the mailbox), and their own code for their formats.
Each writes all its messages to a journal on disk, in which `oracle` finds lost and duplicate ones.
"""
