"""Doubts about partners' declarations: outdated figures, outdated vacancies, unexplained gaps."""
