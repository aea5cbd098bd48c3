"""Simulated partners: a SIAO, three shelters and two landlords, each a program of its own; one of every other family,
all of them in one program (`familles`).

They know the hub by its front doors alone (HTTP, SFTP, the mailbox), build and read their formats with their
own few lines, and write to disk what they sent and received. These journals, and not the hub's tables, say
what was lost or doubled (`oracle`). The demo, the chaos runs and the benchmarks use the same partners.
"""
