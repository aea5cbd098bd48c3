"""A demand that is brought in a form is of the household in it, and of no other one of its partner."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from uuid import UUID

import pytest

from contracts.partner import Famille, Partner
from contracts.ports import View
from contracts.reference.codes import Dispositif, TrancheAge
from contracts.v1.demande import DemandeActualisee, DemandeRecue
from contracts.v1.menage import Menage, Personne
from contracts.v1.place import PlaceVacancePrevisible
from ops.desk.about import about, has_part, to_call
from ops.desk.declaring import (
    DATED,
    IF_MEANT,
    LIBRE_LE,
    QUAND,
    SEEN,
    TOO_MANY,
    UNREADABLE,
    Change,
    Efface,
    as_before,
    as_known,
    corrected,
    demand,
    place,
    why_by_file,
)
from ops.desk.forms import MISSING, PAST, Fautes, Lecture
from ops.desk.numbers import given
from ops.desk.reading import Decrite
from router.domain.births import BORN_AHEAD
from router.domain.partners import Registry
from router.domain.rulebooks.demande import Etat
from router.domain.subjects import Demande
from tests.integration.registry import FINESS, entry
from tests.rows import each_row

CCAS = entry("ccas", Famille.PRESCRIPTEUR, "prescripteur_json")
SIAO = entry("siao-01", Famille.SIAO, "si_siao_json")
KEY, OTHER = UUID(int=5 * 10**18), UUID(int=5 * 10**18 + 10**6)
WRITTEN = {
    "menage": str(KEY),
    "prenom-1": "Ana",
    "age-1": "adulte",
    "composition": "20",
    "dispositif": "URGENCE",
}


def test_the_number_of_a_demand_does_not_name_its_household_too() -> None:
    contrat, view = demand(Lecture(WRITTEN | {"numero": "12"}, CCAS), KEY, TODAY)
    household = contrat.menage.id  # type: ignore[attr-defined]  # the message is a demand
    assert (view.id_of(contrat.sujet), "12" in view.id_of(household)) == ("12", False)
    again = demand(Lecture(WRITTEN | {"numero": "13"}, CCAS), OTHER, TODAY).view
    assert again.id_of(household) == view.id_of(household), "le même ménage, sous un autre numéro de demande"


def test_all_that_is_wrong_in_a_form_is_said_at_once() -> None:
    wrong = {
        "telephone": "?",
        "date_naissance-1": "hier",
        "prenom-2": "Léo",
        "nom-2": "x" * 101,
        "age-2": "",
        "lignes": "2",
        "sortie_le": "demain",
        "dispositif": "",
    }
    with pytest.raises(Fautes) as refused:
        demand(Lecture(WRITTEN | wrong, CCAS), KEY, TODAY)
    said = {"telephone", "date_naissance-1", "nom-2", "age-2", "sortie_le", "dispositif", "composition"}
    assert refused.value.champs.keys() == said


def test_a_birth_to_come_is_a_fault_of_its_own_person_in_a_new_form_and_in_a_correction() -> None:
    people = {"lignes": "2", "prenom-2": "Léo", "age-2": "enfant", "composition": "40"}
    births = {"date_naissance-1": "1991-05-12", "date_naissance-2": "2031-01-02"}
    with pytest.raises(Fautes) as refused:
        demand(Lecture(WRITTEN | people | births, CCAS), KEY, TODAY)
    assert refused.value.champs == {"date_naissance-2": BORN_AHEAD}
    with pytest.raises(Fautes) as refused:
        mended({"date_naissance-1": "2027-01-02"})
    assert refused.value.champs == {"date_naissance-1": BORN_AHEAD}
    assert mended({"date_naissance-1": f"{TODAY}"}), "né aujourd'hui"


def test_the_form_refuses_a_telephone_number_that_the_file_would_refuse_in_the_same_words() -> None:
    with pytest.raises(Fautes) as refused:
        demand(Lecture(WRITTEN | {"telephone": "06 71 23 45 6"}, CCAS), KEY, TODAY)
    assert "dix chiffres, comme 06 12 34 56 78" in refused.value.champs["telephone"]
    said = demand(Lecture(WRITTEN | {"telephone": "+33 (0)6 12 34 56 78"}, CCAS), KEY, TODAY).contrat
    assert isinstance(said, DemandeRecue)
    assert said.menage.telephone == "0612345678"


MENAGE = Menage(
    id=KEY,
    composition="40",
    adultes=1,
    enfants=1,
    personnes=(
        Personne(prenom="Léo", date_naissance=date(2020, 1, 2), tranche_age=TrancheAge.DE_3_A_10),
        Personne(prenom="Ana", nom="Exemple", date_naissance=date(1991, 5, 12)),
    ),
    telephone="0612345678",
    victime_de_violences=True,
)
KNOWN = DemandeRecue(
    demande=OTHER, menage=MENAGE, dispositif=Dispositif.URGENCE, commune="01053", sortie_le=date(2026, 1, 9)
)
SHOWN = KNOWN.model_copy(
    update={"sortie_le": None, "menage": MENAGE.model_copy(update={"victime_de_violences": None})}
)
BEFORE, TODAY = Decrite(KEY, SHOWN, KNOWN), date(2026, 11, 30)


def of(menage: Menage) -> Decrite:
    """The known demand with another household."""
    said = KNOWN.model_copy(update={"menage": menage})
    return Decrite(KEY, said, said)


def mended(changes: Mapping[str, str] = MappingProxyType({}), before: Decrite = BEFORE) -> DemandeActualisee:
    """What the form of the known demand says once these fields are changed."""
    brought = Demande(id=OTHER, etat=Etat.RECUE, emetteur=CCAS.id, destinataire=SIAO.id, menage=KEY)
    written = {**as_known(before, CCAS, TODAY), **changes}
    said = corrected(Lecture(written, CCAS), brought, before, TODAY, View(CCAS, {})).contrat
    assert isinstance(said, DemandeActualisee)
    return said


def test_a_correction_keeps_all_that_it_does_not_change_what_its_author_may_not_read_too() -> None:
    assert mended() == DemandeActualisee.model_validate(vars(KNOWN))
    nearer = mended({"commune": "Laon", "telephone": "0699999999"})
    assert (nearer.menage.telephone, nearer.menage.personnes) == ("0699999999", MENAGE.personnes)
    assert (nearer.sortie_le, nearer.menage.victime_de_violences) == (KNOWN.sortie_le, True)


def test_a_postcode_in_a_form_is_not_taken_for_the_village_whose_code_it_is() -> None:
    with pytest.raises(Fautes, match="écrivez le nom de la commune : ce nombre est le code INSEE de Bony"):
        mended({"commune": "02100"})


def test_a_correction_that_erases_says_what_and_asks_once_more() -> None:
    gone = dict.fromkeys(("telephone", "prenom-2", "nom-2", "date_naissance-2", "age-2"), "")
    with pytest.raises(Efface) as asked:
        mended(gone)
    assert str(asked.value) == (
        "cette correction efface : téléphone, prénom (personne 2), nom (personne 2), né(e) le (personne 2). "
        + IF_MEANT
    )
    with pytest.raises(Efface):
        mended({"telephone": "", "efface": "nom-2"})
    assert mended({"telephone": "", "efface": "telephone"}).menage.telephone is None


def test_a_correction_of_an_older_description_is_not_sent() -> None:
    with pytest.raises(Change):
        mended({SEEN: str(OTHER)})


def test_an_age_band_stays_with_its_person_whose_name_is_corrected_and_goes_to_no_other() -> None:
    baby = Personne(tranche_age=TrancheAge.MOINS_DE_3)
    child = Personne(tranche_age=TrancheAge.DE_3_A_10)
    mother = Personne(prenom="Anna", tranche_age=TrancheAge.DE_25_A_34)
    known = of(MENAGE.model_copy(update={"enfants": 2, "personnes": (baby, mother, child)}))
    corrected_name = mended({"prenom-2": "Ana"}, known).menage.personnes
    assert corrected_name == (baby, mother.model_copy(update={"prenom": "Ana"}), child)
    dated = mended({"date_naissance-3": "2012-01-02"}, known).menage.personnes
    assert [each.tranche_age for each in dated] == [baby.tranche_age, mother.tranche_age, None]


def test_people_who_are_only_counted_stay_in_the_form_and_go_only_if_that_is_meant() -> None:
    known = of(MENAGE.model_copy(update={"enfants": 3}))
    assert (mended(before=known).menage.adultes, mended(before=known).menage.enfants) == (1, 3)
    with pytest.raises(Efface, match=r"efface : personne 4\."):
        mended({"age-4": ""}, known)
    assert mended({"age-4": "", "efface": "age-4"}, known).menage.enfants == 2


@each_row(
    ("before", "why"),
    [
        (None, UNREADABLE),
        (of(MENAGE.model_copy(update={"enfants": 11})), ""),
        (of(MENAGE.model_copy(update={"enfants": 12})), TOO_MANY),
        (of(MENAGE.model_copy(update={"personnes": (Personne(),) * 13})), TOO_MANY),
    ],
)
def test_no_form_corrects_what_it_cannot_show(before: Decrite | None, why: str) -> None:
    assert why_by_file(before) == why


DECLARED = {
    "numero": "CH-9",
    "quand": "maintenant",
    "structure": FINESS,
    "commune": "Bourg-en-Bresse",
    "dispositif": "URGENCE",
    "capacite": "2",
}


def test_a_place_is_not_declared_without_saying_for_how_many_people_it_is() -> None:
    with pytest.raises(Fautes) as refused:
        place(Lecture(DECLARED | {"capacite": ""}, CCAS), TODAY)
    assert refused.value.champs == {"capacite": MISSING}


def test_a_day_is_refused_beside_another_choice_than_free_soon_or_if_it_is_past() -> None:
    said = DECLARED | {"libre_le": "2026-12-14", "quand": "bientot"}
    assert isinstance(place(Lecture(said, CCAS), TODAY).contrat, PlaceVacancePrevisible)
    for other in ("maintenant", "non"):
        with pytest.raises(Fautes) as refused:
            place(Lecture(said | {"quand": other}, CCAS), TODAY)
        assert refused.value.champs == {LIBRE_LE: DATED}
    with pytest.raises(Fautes) as refused:
        place(Lecture(said, CCAS), date(2026, 12, 15))
    assert refused.value.champs == {LIBRE_LE: PAST}


def test_a_new_place_is_free_now_only_if_that_is_chosen() -> None:
    assert QUAND not in as_before(None, CCAS)
    with pytest.raises(Fautes) as refused:
        place(Lecture(DECLARED | {"quand": ""}, CCAS), TODAY)
    assert refused.value.champs == {QUAND: MISSING}


def test_two_forms_do_not_get_one_number() -> None:
    assert given(CCAS, KEY) != given(CCAS, OTHER)
    assert given(SIAO, KEY).isdecimal(), "SI-SIAO ne lit que des chiffres"


@each_row(
    ("reader", "name", "shown"),
    [
        (CCAS, given(CCAS, KEY), False),
        (SIAO, given(SIAO, KEY), False),
        (CCAS, str(KEY), False),
        (CCAS, "1234567890123", True),
        (CCAS, "B-12", True),
        (SIAO, "20261129000017", True),
        (SIAO, "4711", True),
    ],
)
def test_a_line_shows_the_readers_own_numbers_and_not_those_of_the_desk(
    reader: Partner, name: str, shown: bool
) -> None:
    brought = Demande(id=OTHER, etat=Etat.RECUE, emetteur=CCAS.id, destinataire=SIAO.id, menage=KEY)
    line = about(brought, {}, View(reader, {KEY: name}), Registry.of([CCAS, SIAO]))
    assert (f"ménage {name}" in line) is shown


def test_who_brought_a_household_is_named_to_its_siao_and_not_to_an_asked_evaluator_or_siao() -> None:
    spip = entry("spip", Famille.SPIP, "spip_json")
    evaluator, neighbour = (
        entry("eval", Famille.PRESCRIPTEUR, "prescripteur_json"),
        entry("siao-69", Famille.SIAO, "si_siao_json"),
    )
    moment = datetime(2026, 11, 30, tzinfo=UTC)
    brought = Demande(
        id=OTHER,
        etat=Etat.RECUE,
        emetteur=spip.id,
        destinataire=SIAO.id,
        menage=KEY,
        evaluateur=evaluator.id,
        evaluation_depuis=moment,
        repreneur=neighbour.id,
        transfert_le=moment,
    )
    registry = Registry.of([spip, SIAO, evaluator, neighbour])
    assert has_part(brought, evaluator.id)
    assert has_part(brought, neighbour.id), "ils ouvrent la page"
    told = [to_call(brought, reader, registry) for reader in (SIAO, evaluator, neighbour)]
    assert told == [spip, None, None]


def test_who_brought_a_household_learns_whom_to_call_unless_another_siao_has_taken_it_over() -> None:
    ccas = entry("ccas", Famille.PRESCRIPTEUR, "prescripteur_json")
    brought = Demande(id=OTHER, etat=Etat.RECUE, emetteur=ccas.id, destinataire=SIAO.id, menage=KEY)
    moved = replace(brought, cedants=(SIAO.id,))
    registry = Registry.of([ccas, SIAO])
    assert [to_call(each, ccas, registry) for each in (brought, moved)] == [SIAO, None]
