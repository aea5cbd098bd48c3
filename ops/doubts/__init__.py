"""Doubts about partners' declarations: outdated figures, outdated vacancies, and unexplained differences
between figures."""
