"""What follows from a referral and from its answers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.alertes import explication
from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Famille
from contracts.reference.codes import Dispositif, MotifRefus
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, MotifAnomalie
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import (
    OrientationAccusee,
    OrientationAnnulee,
    OrientationMiseEnAttente,
    OrientationRefusee,
)
from contracts.v1.suite import AccompagnementDemande
from router.domain.partners import Registry
from router.domain.rulebooks.place import Etat
from router.domain.rules.effects import Effects
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    AUTRE,
    AUTRE_FINESS,
    CENTRE,
    MAINTENANT,
    REGISTRE,
    SIAO,
    Monde,
    ident,
    proposition,
    reservation,
    vacance,
)
from tests.unit.router.domain.reponses import acceptee, admise, entree, refusee

PLACE, ORIENTATION, SECONDE = ident("place"), ident("orientation"), ident("seconde orientation")


@pytest.fixture
def monde() -> Monde:
    return reservation(PLACE, ORIENTATION)


def motif_of(effects: Effects) -> MotifAnomalie:
    """The reason of an anomaly that changed nothing and told the SIAO."""
    (alert,) = effects.derived
    assert isinstance(alert, AlerteAnomalie)
    assert effects == Effects(derived=(alert,), outcome=("anomalie", alert.motif))
    return alert.motif


def test_a_referral_to_a_place_goes_to_its_manager_and_holds_the_place() -> None:
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    effects = monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    assert effects.recipients == (CENTRE,)
    assert monde.etat(PLACE) == "RESERVEE"
    assert monde.place(PLACE).orientation == ORIENTATION


def test_a_referral_to_a_structure_goes_to_who_speaks_for_it_and_holds_no_place() -> None:
    monde = Monde()
    effects = monde.dit(SIAO, proposition(ORIENTATION, structure=AUTRE_FINESS))
    assert effects.recipients == (AUTRE,)
    assert [subject.id for subject in effects.subjects] == [ORIENTATION]


def test_a_referral_is_of_its_household_so_that_it_is_forgotten_with_it(monde: Monde) -> None:
    assert monde.orientation(ORIENTATION).menage == proposition(ORIENTATION).menage.id


def test_a_second_designation_of_a_reserved_place_is_a_conflict_and_is_not_delivered(monde: Monde) -> None:
    effects = monde.dit(SIAO, proposition(SECONDE, PLACE))
    (alert,) = effects.derived
    assert isinstance(alert, AlerteConflit)
    assert (alert.objet, alert.place, alert.motif) == (SECONDE, PLACE, MotifAnomalie.PLACE_DEJA_RESERVEE)
    assert effects == Effects(derived=(alert,), outcome=("anomalie", MotifAnomalie.PLACE_DEJA_RESERVEE))
    assert SECONDE not in monde.subjects
    assert monde.place(PLACE).orientation == ORIENTATION


@pytest.mark.parametrize("etat", ["DECLAREE", "OCCUPEE", "INDISPONIBLE", "FERMEE"])
def test_a_designation_of_a_place_that_is_not_free_is_a_conflict(monde: Monde, etat: str) -> None:
    monde.subjects[PLACE] = replace(monde.place(PLACE), etat=Etat(etat))
    effects = monde.dit(SIAO, proposition(SECONDE, PLACE))
    assert effects.outcome == ("anomalie", MotifAnomalie.PLACE_NON_DISPONIBLE)
    assert isinstance(effects.derived[0], AlerteConflit)


@pytest.mark.parametrize(
    ("etat", "told"),
    [
        (Etat.RESERVEE, "La place est déjà tenue pour un autre ménage"),
        (Etat.OCCUPEE, "La place n'est pas libre"),
    ],
)
def test_a_siao_that_cannot_have_a_place_reads_why_and_not_that_the_place_was_once_held_for_its_household(
    monde: Monde, etat: Etat, told: str
) -> None:
    monde.subjects[PLACE] = replace(monde.place(PLACE), etat=etat)
    (alert,) = monde.dit(SIAO, proposition(SECONDE, PLACE)).derived
    assert (explication(alert, Famille.SIAO) or "").startswith(told)


def test_a_referral_to_a_place_that_nobody_told_of_is_an_anomaly() -> None:
    assert motif_of(Monde().dit(SIAO, proposition(ORIENTATION, PLACE))) is MotifAnomalie.SUJET_INCONNU


def test_a_referral_sent_twice_is_one_referral(monde: Monde) -> None:
    before = dict(monde.subjects)
    effects = monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    assert effects == Effects(outcome=("sans_effet", "deja_connu"))
    assert monde.subjects == before


def test_a_referral_to_a_structure_of_nobody_is_unroutable_in_french_and_its_number_is_not_said() -> None:
    with pytest.raises(Unroutable, match="aucun partenaire du registre ne gère la structure") as refused:
        Monde().dit(SIAO, proposition(ORIENTATION, structure="2A0000154"))
    assert "2A0000154" not in str(refused.value)


def test_a_referral_that_nobody_can_receive_holds_no_place(monde: Monde) -> None:
    monde.dit(CENTRE, vacance(ident("autre place")))
    monde.registry = Registry.of([p for p in REGISTRE.partners.values() if p.id != CENTRE])
    with pytest.raises(Unroutable):
        monde.dit(SIAO, proposition(SECONDE, ident("autre place")))
    assert monde.etat(ident("autre place")) == "DISPONIBLE"


def test_an_answer_goes_to_the_siao_that_sent_the_referral(monde: Monde) -> None:
    effects = monde.dit(CENTRE, OrientationAccusee(orientation=ORIENTATION), territoire="99")
    assert effects.recipients == (SIAO,)
    assert monde.etat(ORIENTATION) == "ACCUSEE"


@pytest.mark.parametrize("speaker", [AUTRE, SIAO])
def test_an_answer_of_another_than_the_addressee_is_an_anomaly(monde: Monde, speaker: str) -> None:
    effects = monde.dit(speaker, OrientationAccusee(orientation=ORIENTATION))
    assert motif_of(effects) is MotifAnomalie.EMETTEUR_INATTENDU
    assert monde.etat(ORIENTATION) == "PROPOSEE"


@pytest.mark.parametrize("speaker", [AUTRE, CENTRE])
def test_only_the_siao_that_sent_a_referral_takes_it_back(monde: Monde, speaker: str) -> None:
    effects = monde.dit(speaker, OrientationAnnulee(orientation=ORIENTATION))
    assert motif_of(effects) is MotifAnomalie.EMETTEUR_INATTENDU


def test_a_cancellation_goes_to_the_addressee_and_frees_the_place(monde: Monde) -> None:
    effects = monde.dit(SIAO, OrientationAnnulee(orientation=ORIENTATION))
    assert effects.recipients == (CENTRE,)
    assert monde.etat(ORIENTATION) == "ANNULEE"
    assert monde.etat(PLACE) == "DISPONIBLE"


@pytest.mark.parametrize("about", [SECONDE, PLACE], ids=["nobody knows it", "it is a place"])
def test_an_answer_to_no_referral_is_an_anomaly(monde: Monde, about: Any) -> None:
    effects = monde.dit(CENTRE, OrientationAccusee(orientation=about))
    assert motif_of(effects) is MotifAnomalie.SUJET_INCONNU


def test_lack_of_money_is_no_reason_to_refuse_emergency_shelter() -> None:
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    monde.dit(SIAO, proposition(ORIENTATION, PLACE, dispositif=Dispositif.URGENCE))
    effects = monde.dit(CENTRE, refusee(ORIENTATION, MotifRefus.RESSOURCES_INSUFFISANTES))
    assert motif_of(effects) is MotifAnomalie.RESSOURCES_EN_URGENCE
    assert monde.etat(ORIENTATION) == "PROPOSEE"
    assert monde.etat(PLACE) == "RESERVEE"


@each_row("dispositif", sorted(set(Dispositif) - {Dispositif.URGENCE}))
def test_elsewhere_it_is_a_reason(dispositif: Dispositif) -> None:
    monde = Monde()
    monde.dit(SIAO, proposition(ORIENTATION, dispositif=dispositif))
    monde.dit(CENTRE, refusee(ORIENTATION, MotifRefus.RESSOURCES_INSUFFISANTES))
    assert monde.etat(ORIENTATION) == "REFUS_STRUCTURE"


@pytest.mark.parametrize("motif", MotifRefus)
def test_every_motive_ends_the_referral_and_reaches_the_siao(monde: Monde, motif: MotifRefus) -> None:
    effects = monde.dit(CENTRE, refusee(ORIENTATION, motif))
    assert effects.recipients == (SIAO,)
    assert monde.etat(ORIENTATION) in {"REFUS_STRUCTURE", "REFUS_PERSONNE", "NON_PRESENTATION"}


def test_a_refusal_must_be_its_authors() -> None:
    with pytest.raises(ValueError, match="ce motif ne va pas avec cet auteur"):
        OrientationRefusee(orientation=ORIENTATION, auteur="PERSONNE", motif=MotifRefus.ACCESSIBILITE)


def test_a_lower_version_of_the_answering_partner_is_older(monde: Monde) -> None:
    monde.dit(CENTRE, OrientationMiseEnAttente(orientation=ORIENTATION, version=5))
    effects = monde.dit(CENTRE, acceptee(ORIENTATION, version=4))
    assert effects == Effects(outcome=("sans_effet", "plus_ancien"))
    assert monde.etat(ORIENTATION) == "EN_ATTENTE"


def test_the_versions_of_the_two_parties_are_not_compared(monde: Monde) -> None:
    monde.dit(CENTRE, OrientationMiseEnAttente(orientation=ORIENTATION, version=5))
    assert monde.dit(SIAO, OrientationAnnulee(orientation=ORIENTATION, version=1)).recipients == (CENTRE,)


def test_a_cancellation_older_than_the_referral_is_ignored() -> None:
    monde = Monde()
    monde.dit(SIAO, proposition(ORIENTATION, version=3))
    effects = monde.dit(SIAO, OrientationAnnulee(orientation=ORIENTATION, version=2))
    assert effects.outcome == ("sans_effet", "plus_ancien")
    assert monde.etat(ORIENTATION) == "PROPOSEE"


def test_an_answer_told_twice_is_told_to_the_siao_once(monde: Monde) -> None:
    monde.dit(CENTRE, acceptee(ORIENTATION))
    assert monde.dit(CENTRE, acceptee(ORIENTATION)) == Effects(outcome=("sans_effet", "deja_connu"))


@pytest.mark.parametrize("late", [acceptee, admise, entree])
def test_a_late_acceptance_or_arrival_after_a_cancellation_is_an_anomaly(
    monde: Monde, late: Callable[..., Contrat]
) -> None:
    monde.dit(SIAO, OrientationAnnulee(orientation=ORIENTATION))
    assert motif_of(monde.dit(CENTRE, late(ORIENTATION))) is MotifAnomalie.TRANSITION_ILLEGALE
    assert monde.etat(ORIENTATION) == "ANNULEE"


def test_accompaniment_is_told_and_changes_no_state(monde: Monde) -> None:
    effects = monde.dit(CENTRE, AccompagnementDemande(orientation=ORIENTATION))
    assert effects.recipients == (SIAO,)
    assert monde.etat(ORIENTATION) == "PROPOSEE"
    assert monde.etat(PLACE) == "RESERVEE"


def test_a_proven_receipt_is_noted_once_and_told_to_nobody(monde: Monde) -> None:
    receipt = LivraisonRemise(objet=ORIENTATION, partenaire=CENTRE, remise_le=MAINTENANT)
    effects = monde.hub_dit(receipt)
    assert (effects.recipients, effects.outcome) == ((), None)
    assert monde.orientation(ORIENTATION).remise_le == MAINTENANT
    assert monde.hub_dit(receipt).outcome == ("sans_effet", "deja_connu")
