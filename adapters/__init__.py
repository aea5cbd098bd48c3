"""Partner dialects, each the format in which a partner's software writes and reads messages.

One module each, of pure functions between a partner's bytes and our contracts: no clock, network, database or
asyncio. A dialect decodes row by row and says in French which row and which field is wrong. Its encoded bytes
depend on its arguments alone.
"""
