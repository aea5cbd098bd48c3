"""A trial says in plain words what is read of a row, and of what is sealed that it is read."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from pydantic import BaseModel

from contracts.base import Contrat
from contracts.partner import Famille
from contracts.ports import View
from contracts.v1.demande import DemandeActualisee, DemandeRecue
from contracts.v1.menage import Menage
from contracts.v1.place import PlaceVacante
from ops.desk.acts import asked_of, is_a_form
from ops.desk.declaring import DEMANDE, of_a_place
from ops.desk.households import MENAGE, PERSONNE
from ops.desk.referring import PRESENTATION
from ops.desk.vocabulary import CHAMPS, named, worded
from ops.desk.words import HIDDEN, changed, dates_and_motive, facts_of, read
from router.domain.audience import receivable_by
from router.domain.books import BOOKS
from router.domain.permitted import sayable
from router.intake.profiling import Apercu
from tests.integration.registry import FINESS, entry

CENTRE = entry("centre", Famille.HEBERGEMENT, "hebergement_json")


def row(said: Mapping[str, object], hidden: Mapping[str, int], menage: Menage | None = None) -> Apercu:
    return Apercu(1, "demande.recue", None, None, said, hidden, menage)


def test_a_row_names_its_commune_and_says_of_a_sealed_list_only_that_it_is_read() -> None:
    said = {"menage.personnes": [{}, {}], "commune": "02691", "menage.composition": "30"}
    assert [tuple(fait) for fait in read(row(said, {"menage.personnes": 2}))] == [
        ("commune", "Saint-Quentin"),
        ("composition", "Couple sans enfant"),
        ("personnes", "lues, et protégées (2)"),
    ]


def test_the_only_structure_of_the_reader_is_called_by_the_readers_name() -> None:
    place = PlaceVacante(place=UUID(int=1), structure=FINESS, commune="01053", dispositif="URGENCE")
    one, two = (CENTRE.model_copy(update={"structures": each}) for each in ((FINESS,), (FINESS, "010000032")))
    told = [dict(facts_of(place, View(reader, {})))[named("structure")] for reader in (one, two)]
    assert told == [f"{CENTRE.nom} ({FINESS})", FINESS]


def test_what_a_newer_description_leaves_out_has_not_changed() -> None:
    demande, said = UUID(int=2), {"composition": "20", "adultes": 1}
    person = {"nom": "Exemple", "prenom": "Zoé", "date_naissance": "1990-04-02"}
    whole = Menage(id=UUID(int=1), **said, personnes=(person,), telephone="0612345678")
    first = DemandeRecue(demande=demande, menage=whole, dispositif="INSERTION", commune="02691")
    other = Menage(id=UUID(int=1), **said, telephone="0612345679")
    view = View(CENTRE, {})
    newer = DemandeActualisee(demande=demande, menage=other, dispositif="INSERTION")
    assert changed(first, newer, view) == ["téléphone"]


def test_who_is_in_a_row_is_shown_to_its_sender_and_the_rest_stays_sealed() -> None:
    person = {"nom": "Exemple", "prenom": "Zoé", "date_naissance": "1990-04-02", "sexe": "F"}
    menage = Menage(
        id=UUID(int=1), composition="20", adultes=1, personnes=(person,), telephone="0612345678", motif="218"
    )
    hidden = {"menage.personnes": 1, "menage.telephone": 1, "menage.motif": 1}
    said = {"menage.personnes": [{"sexe": "F"}], "menage.adultes": 1}
    assert [tuple(fait) for fait in read(row(said, hidden, menage))] == [
        ("personne 1", "Zoé Exemple, née le 02/04/1990, femme"),
        ("téléphone", "0612345678"),
        ("adultes", "1"),
        ("motif", "lu, et protégé"),
    ]


def test_a_field_that_is_protected_does_not_hide_another_one_of_its_name() -> None:
    said = {"motif": "SANS_NOUVELLES", "menage.motif": "218"}
    assert [fait.valeur for fait in read(row(said, {"motif": 1}))] == [
        worded("motif", "218"),
        "lu, et protégé",
    ]


def in_acts() -> Iterator[str]:
    """The fields of every act that the desk offers in some state of a subject."""
    moves = {(nature, str(etat)) for nature, book in BOOKS.items() for etat, _ in book.machine.table}
    contrats = {said.contrat for nature, etat in moves for said in sayable(nature, etat)}
    yield from (name for contrat in filter(is_a_form, contrats) for name, _ in asked_of(contrat))


def test_every_field_of_a_form_has_words_of_its_own() -> None:
    declared = (*of_a_place(CENTRE), *DEMANDE, *MENAGE, *PERSONNE, *PRESENTATION)
    wordless = {*in_acts(), *(each.nom for each in declared)} - CHAMPS.keys()
    assert not wordless, "un mot dans CHAMPS (ops/desk/vocabulary.py)"


def shown(model: type[BaseModel]) -> set[str]:
    """The fields of a message, or of the household in it, that the desk shows to a person."""
    fields = {name for name in model.model_fields if name not in {*Contrat.model_fields, *HIDDEN}}
    return fields - {getattr(model, "SUJET", "id"), "menage", "personnes"}


def test_every_field_that_somebody_may_be_shown_has_words_of_its_own() -> None:
    peoples = set(Famille) - {Famille.BDOS}
    heard = {contrat for famille in peoples for contrat in receivable_by(famille)}
    every = set[str]().union(shown(Menage), *(shown(contrat) for contrat in heard))
    wordless = every - CHAMPS.keys()
    assert not wordless, "un mot dans CHAMPS (ops/desk/vocabulary.py)"


def test_of_a_type_of_a_newer_version_no_date_is_told() -> None:
    assert [*dates_and_motive("fr.gouv.siao.demande.a_venir.v9", {"recue_le": "2026-11-30"})] == []
