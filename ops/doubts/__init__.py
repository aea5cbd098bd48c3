"""Doubts about what partners declare: stale figures, stale vacancies, gaps that nothing explains."""
