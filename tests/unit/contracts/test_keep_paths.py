"""A tree reduced to the paths that a reader may see."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.sealed import Arbre, keep_paths

MENAGE: Arbre = {
    "menage": {
        "telephone": "0611223344",
        "personnes": [{"nom": "Un", "prenom": "A"}, {}, {"nom": "Deux", "prenom": "B"}],
    }
}
NOMS = ("menage", "personnes", "nom", "telephone")
arbres = st.recursive(
    st.dictionaries(st.sampled_from(NOMS), st.integers(0, 9), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from(NOMS), inner | st.lists(inner, max_size=3), max_size=3),
    max_leaves=8,
)


def leaves(value: object, path: str = "") -> set[str]:
    """Dotted paths of the values of a tree; the elements of a list share a path."""
    if isinstance(value, dict):
        return {leaf for name, inner in value.items() for leaf in leaves(inner, f"{path}.{name}".lstrip("."))}
    if isinstance(value, list):
        return {leaf for inner in value for leaf in leaves(inner, path)}
    return {path}


def test_a_path_through_a_list_holds_for_each_of_its_elements() -> None:
    assert keep_paths(MENAGE, frozenset({"menage.personnes.nom"})) == {
        "menage": {"personnes": [{"nom": "Un"}, {}, {"nom": "Deux"}]}
    }


def test_an_element_of_which_nothing_is_kept_keeps_its_rank() -> None:
    kept = keep_paths({"personnes": [{"nom": "Un"}, {"prenom": "B"}]}, frozenset({"personnes.prenom"}))
    assert kept == {"personnes": [{}, {"prenom": "B"}]}


def test_a_path_that_names_an_object_keeps_all_of_it() -> None:
    assert keep_paths(MENAGE, frozenset({"menage"})) == MENAGE
    assert keep_paths(MENAGE, frozenset({"menage.personnes"}))["menage"]["personnes"][0] == {
        "nom": "Un",
        "prenom": "A",
    }


def test_a_name_alone_opens_nothing_deeper_of_that_name() -> None:
    assert leaves(keep_paths(MENAGE, frozenset({"nom", "telephone"}))) == set()


def test_without_paths_no_value_is_kept() -> None:
    assert leaves(keep_paths(MENAGE, frozenset())) == set()


def test_a_list_of_plain_values_is_kept_only_by_its_own_path() -> None:
    tree: Arbre = {"codes": ["1", "2"]}
    assert keep_paths(tree, frozenset()) == {}
    assert keep_paths(tree, frozenset({"codes"})) == tree


@given(
    tree=arbres, paths=st.frozensets(st.lists(st.sampled_from(NOMS), min_size=1, max_size=3).map(".".join))
)
def test_exactly_the_values_under_an_allowed_path_are_kept(tree: Arbre, paths: frozenset[str]) -> None:
    expected = {leaf for leaf in leaves(tree) if any(f"{leaf}.".startswith(f"{path}.") for path in paths)}
    assert leaves(keep_paths(tree, paths)) == expected
