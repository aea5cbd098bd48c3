"""Doubts about partners' declarations: stale figures, stale vacancies, gaps that nothing explains."""
