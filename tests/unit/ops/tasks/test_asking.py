"""Who is worth asking whether a delivery has arrived."""

from contracts.http import SortieHttp
from contracts.partner import ClasseLivraison, Famille, Partner
from ops.tasks.deciding import may_be_asked
from tests.rows import each_row

QUESTION = "https://centre.exemple.fr/recus/{cle}"


def centre(livraison: ClasseLivraison, question: str | None) -> Partner:
    sortie = SortieHttp(url="https://centre.exemple.fr/", secret="env:SECRET", question=question)
    return Partner(
        id="centre", nom="Centre", famille=Famille.HEBERGEMENT, territoire="01",
        dialecte_sortant="hebergement_json", livraison=livraison, sortie=sortie,
    )  # fmt: skip


@each_row(
    ("livraison", "question", "worth"),
    [
        (ClasseLivraison.AUCUNE, QUESTION, True),
        (ClasseLivraison.INTERROGEABLE, QUESTION, True),
        (ClasseLivraison.AUCUNE, None, False),
        (ClasseLivraison.DEDUPLIQUE, QUESTION, False),
    ],
)
def test_who_can_tell_is_asked_unless_it_deduplicates(livraison, question, worth):
    assert may_be_asked(centre(livraison, question)) is worth


def test_who_has_left_the_registry_cannot_be_asked():
    assert not may_be_asked(None)
