"""A SIAO that becomes another one: who receives what before and after, and under which name."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.partner import Famille, Partner, SortieBoite, Volet
from contracts.reference.codes import Dispositif
from contracts.v1.daho import DahoDesigne
from contracts.v1.demande import DemandeTransferee, SignalementRecu
from contracts.v1.examen import ExamenInscrit
from router.domain.partners import Registry
from router.domain.rulebooks import daho, demande, examen, pret_logement, signalement, suivi
from router.domain.rulebooks.aide_sociale import AideSociale, Etat
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.subjects import Demande, Subject
from router.domain.succession import as_now, history_for, taken_over_by
from router.domain.territories import Lieu
from tests.unit.router.domain.monde import AUTRE_FINESS, FINESS, SIRET

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
MERGED = {"urgences": "tous", "logement": "tous"}
DEMAND = Demande(
    id=UUID(int=1),
    etat=demande.Etat.EVALUEE,
    emetteur="ccas",
    destinataire="logement",
    menage=UUID(int=2),
    cedants=("urgences",),
    versions_seen={"logement": 12},
)


def siao(ident: str, **more: object) -> Partner:
    return Partner.model_validate(
        {
            "id": ident,
            "nom": ident,
            "famille": Famille.SIAO,
            "territoire": "01",
            "dialecte_sortant": "si_siao_json",
            "sortie": SortieBoite(),
            **more,
        }
    )


TWO = (siao("urgences", volet=Volet.URGENCE), siao("logement", volet=Volet.INSERTION))
NEW = siao("tous", succede_a=("urgences", "logement"))


@pytest.mark.parametrize(
    ("partners", "successors", "expected"),
    [
        ((*TWO, NEW), {}, ("urgences", "logement", "urgences")),
        ((*TWO, NEW), MERGED, ("tous", "tous", "tous")),
        ((siao("tous", succede_a=("logement",)), TWO[1]), {}, ("tous", "logement", "tous")),
        ((siao("tous", succede_a=("logement",)), TWO[1]), {"logement": "tous"}, ("tous", "tous", "tous")),
    ],
)
def test_a_successor_receives_nothing_that_one_before_it_receives_and_all_of_it_afterwards(
    partners: tuple[Partner, ...], successors: dict[str, str], expected: tuple[str, ...]
) -> None:
    registry = Registry.of(partners, successors)
    kinds = (Dispositif.URGENCE, Dispositif.INSERTION, None)
    found = [registry.siao_of(Lieu("01"), kind) for kind in kinds]
    assert tuple(each and each.id for each in found) == expected


def test_before_the_second_merger_in_a_row_the_first_successor_was_in_office() -> None:
    last = siao("dernier", succede_a=("urgences", "logement", "tous"))
    registry = Registry.of((*TWO, NEW, last), {**MERGED, "tous": "dernier"})
    before = registry.before(["tous"]).siao_of(Lieu("01"), Dispositif.URGENCE)
    first = registry.before(["urgences", "logement"]).siao_of(Lieu("01"), Dispositif.URGENCE)
    assert (before and before.id, first and first.id) == ("tous", "urgences")


def test_before_it_merged_an_antenna_was_in_office_in_its_perimeter() -> None:
    antenna = siao("antenne", antenne_de="tous", perimetre={"communes": ["01053"]})
    registry = Registry.of((NEW, antenna), {"antenne": "tous"})
    there = Lieu("01", communes=("01053",))
    found = (registry.siao_of(there), registry.before(["antenne"]).siao_of(there))
    assert [each and each.id for each in found] == ["tous", "antenne"]


def test_a_merged_siao_may_speak_and_nothing_is_sent_to_it() -> None:
    registry = Registry.of((*TWO, NEW), MERGED)
    assert registry.partners["urgences"].sortie is None
    assert (registry.get("urgences"), registry.present("logement")) == (NEW, "tous")


def test_the_structures_of_a_merged_siao_are_its_successors_and_those_that_were_secret_stay_secret() -> None:
    old = siao("urgences", structures=(FINESS, SIRET), structures_protegees=(FINESS,))
    new = siao("tous", structures=(AUTRE_FINESS,))
    for merged, manager in (({}, old), ({"urgences": "tous"}, new)):
        registry = Registry.of((old, new), merged)
        assert registry.manager_of(SIRET) == manager
        assert registry.structures_of(manager)[-2:] == [FINESS, SIRET]
        assert (registry.open_structure(FINESS), registry.open_structure(SIRET)) == (None, SIRET)


def test_a_subject_is_its_successors_and_each_software_keeps_counting_its_own_versions() -> None:
    present = as_now(DEMAND, Registry.of((*TWO, NEW), MERGED))
    assert (present.emetteur, present.destinataire, present.cedants) == ("ccas", "tous", ("tous",))
    assert present.versions_seen == {"logement": 12}
    assert taken_over_by(DEMAND, present) == ("tous",)


@pytest.mark.parametrize(("asked", "is_over"), [("urgences", True), ("siao-69", False)])
def test_a_transfer_is_over_once_both_siao_are_one(asked: str, is_over: bool) -> None:
    proposed = replace(DEMAND, repreneur=asked, transfert_le=MOMENT, transfert_remis_le=MOMENT)
    present = as_now(proposed, Registry.of((*TWO, NEW), MERGED))
    assert (present.transfert_le, present.transfert_remis_le) == ((None,) * 2 if is_over else (MOMENT,) * 2)
    assert demande.Etat.EVALUEE is present.etat


def test_the_successor_of_the_siao_that_is_asked_receives_the_proposed_transfer_and_no_more() -> None:
    proposed = replace(DEMAND, repreneur="siao-69", transfert_le=MOMENT)
    registry = Registry.of((siao("siao-69"), *TWO, NEW), {"siao-69": "nouveau", **MERGED})
    present = as_now(proposed, registry)
    assert taken_over_by(proposed, present) == ("tous", "nouveau")
    assert history_for(siao("nouveau"), present) == [DemandeTransferee]
    assert DemandeTransferee not in history_for(NEW, present)
    over = replace(proposed, transfert_le=None)
    assert taken_over_by(over, as_now(over, registry)) == ("tous",)


WHO: dict[str, Any] = {"id": UUID(int=7), "destinataire": "urgences", "menage": UUID(int=7)}
DAY = date(2026, 3, 30)
DESIGNE = daho.Daho(
    etat=daho.Etat.DESIGNE, emetteur="etat", decision_le=DAY, avant_le=DAY, designe_le=MOMENT, **WHO
)
EXAMINED = examen.Examen(etat=examen.Etat.A_EXAMINER, emetteur="etat", seance_le=DAY, **WHO)
REPORTED = signalement.Signalement(etat=signalement.Etat.SIGNALE, emetteur="115", **WHO)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        *((replace(DESIGNE, etat=etat), DahoDesigne) for etat in daho.EN_COURS),
        (EXAMINED, ExamenInscrit),
        (REPORTED, SignalementRecu),
    ],
)
def test_a_successor_reads_whom_the_state_or_the_street_had_told_the_merged_siao_of(
    subject: Subject, said: type
) -> None:
    present = as_now(subject, Registry.of((*TWO, NEW), MERGED))
    assert taken_over_by(subject, present) == ("tous",)
    assert said in history_for(NEW, present)


@pytest.mark.parametrize(
    "subject",
    [
        replace(DESIGNE, etat=daho.Etat.ACCUEILLI),
        replace(EXAMINED, etat=examen.Etat.AVIS_RENDU),
        replace(REPORTED, etat=signalement.Etat.TRAITE),
    ],
)
def test_a_successor_is_told_nothing_again_of_what_the_merged_siao_had_answered(subject: Subject) -> None:
    assert taken_over_by(subject, as_now(subject, Registry.of((*TWO, NEW), MERGED))) == ()


def test_a_successor_goes_on_hearing_of_the_aide_sociale_of_its_households() -> None:
    day = date(2026, 9, 1)
    asked = AideSociale(
        id=UUID(int=3),
        etat=Etat.A_L_ETUDE,
        emetteur="centre",
        destinataire="ddets",
        menage=UUID(int=2),
        siao="logement",
        orientation=UUID(int=4),
        jusqu_au=day,
        prolongation_avant_le=day,
    )
    assert as_now(asked, Registry.of((*TWO, NEW), MERGED)).siao == "tous"


def test_the_label_that_a_merged_siao_gave_stays_and_its_successor_owes_none_again() -> None:
    listed = MenagePret(
        id=UUID(int=6),
        etat=pret_logement.Etat.DECLARE,
        emetteur="logement",
        menage=UUID(int=6),
        lecteurs=("ddets",),
        labellisent=("logement", "ddets"),
        inscriptions={"logement": "LABELLISEE"},
        attendus_depuis=MOMENT,
    )
    present = as_now(listed, Registry.of((*TWO, NEW), MERGED))
    assert (present.label, present.lecteurs_attendus) == ("LABELLISEE", ("ddets",))
    answered = replace(listed, inscriptions={"tous": "REFUSEE", "logement": "LABELLISEE"})
    assert as_now(answered, Registry.of((*TWO, NEW), MERGED)).inscriptions == {"tous": "REFUSEE"}


@pytest.mark.parametrize("etat", suivi.Etat)
def test_a_successor_receives_the_history_of_the_accompaniments_of_its_households(etat: suivi.Etat) -> None:
    asked = suivi.Suivi(
        id=UUID(int=5), etat=etat, emetteur="logement", destinataire="avdl", menage=UUID(int=2)
    )
    assert taken_over_by(asked, as_now(asked, Registry.of((*TWO, NEW), MERGED))) == ("tous",)


def test_a_successor_does_not_follow_what_was_given_away_or_has_ended() -> None:
    registry = Registry.of((*TWO, NEW), {"urgences": "tous"})
    assert taken_over_by(DEMAND, as_now(DEMAND, registry)) == ()
    ended = DEMAND.moved(demande.Etat.ANNULEE)
    assert taken_over_by(ended, as_now(ended, Registry.of((*TWO, NEW), MERGED))) == ()
