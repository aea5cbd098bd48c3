"""Simulated partners of the hub: a SIAO, three shelters and two landlords, each in a process of its own, and one
partner of every other family, all in one process (`familles`).

They use only the hub's public interfaces (HTTP, SFTP, the mailbox). They read and write their formats with their
own code, not the hub's. Each writes every message that it sends or receives to a journal on disk. The package's
`oracle` module finds lost and duplicate messages in these journals, without the hub's tables. The demo, the fault
runs and the benchmarks use these partners.
"""
