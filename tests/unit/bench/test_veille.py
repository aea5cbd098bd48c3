"""The bench of the watch for duplicates fails on one that was not found."""

from dataclasses import replace

from bench.veille import Found

GOOD = Found(read_a_second=400, new_p50_s=0.1, new_worst_s=1, missed=0, mib=100)


def test_one_new_household_that_nobody_is_asked_about_fails_the_bench() -> None:
    assert GOOD.keeps_its_bounds
    assert not replace(GOOD, missed=1).keeps_its_bounds
