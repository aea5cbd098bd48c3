"""One root stands for all leaves, and a path proves each of them and no other."""

from hypothesis import given
from hypothesis import strategies as st

from router.domain.merkle import path_of, root_from, root_of

LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40, unique=True)


@given(LEAVES, st.data())
def test_the_path_of_a_leaf_leads_to_the_root_and_that_of_another_does_not(leaves, data):
    place = data.draw(st.integers(0, len(leaves) - 1))
    path = path_of(leaves, place)
    assert root_from(leaves[place], path) == root_of(leaves)
    for other in {*range(len(leaves))} - {place}:
        assert root_from(leaves[other], path) != root_of(leaves)


@given(LEAVES, st.data())
def test_a_changed_added_or_missing_leaf_changes_the_root(leaves, data):
    place = data.draw(st.integers(0, len(leaves) - 1))
    before, after = leaves[:place], leaves[place + 1 :]
    assert root_of([*leaves, leaves[place]]) != root_of(leaves)
    assert root_of([*before, leaves[place][::-1] + b"x", *after]) != root_of(leaves)
    if len(leaves) > 1:
        assert root_of(before + after) != root_of(leaves)


def test_a_path_among_a_thousand_leaves_has_ten_steps():
    leaves = [number.to_bytes(32, "big") for number in range(1000)]
    assert max(len(path_of(leaves, place)) for place in (0, 511, 999)) == 10
