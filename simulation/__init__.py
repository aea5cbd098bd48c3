"""Simulated partners: a SIAO, three shelters and two landlords, each a program of its own; one partner of every
other family, all in one program (`familles`).

They use only the hub's front doors (HTTP, SFTP, the mailbox), build and read their formats with a few lines of
their own, and write to disk what they send and receive. These journals, and not the hub's tables, show what was
lost or doubled (`oracle`). The demo, the chaos runs and the benchmarks use the same partners.
"""
