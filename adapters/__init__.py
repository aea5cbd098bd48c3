"""Partner dialects: each is the format in which the software of some partners writes and reads messages.

Each is a module of pure functions between a partner's bytes and our contracts: no clock, network, database or
asyncio. A dialect decodes row by row, and says in French which row and which field is wrong. Equal arguments
give equal bytes.
"""
