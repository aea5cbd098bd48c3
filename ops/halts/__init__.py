"""Resumption of paused sources: a partner's topic is read on from an offset that a person gives."""
