"""Whom messages reach beside the partner that each is meant for, and which families may be sent which."""

from collections.abc import Mapping

from contracts.base import Contrat, Nature
from contracts.partner import Famille
from contracts.v1.demande import DemandeNonPourvue, DemandePlaceTrouvee, DemandeSuite
from contracts.v1.observation import ObservationEnregistrement
from contracts.v1.occupation import OccupationReleve
from contracts.v1.place import (
    PlaceDisponible,
    PlaceFermee,
    PlaceIndisponible,
    PlaceLiberee,
    PlaceOccupee,
    PlaceVacante,
)
from contracts.v1.pret_logement import PretLogementActualise, PretLogementDeclare, PretLogementRetire
from contracts.v1.suite import AccompagnementDemande
from router.domain.messages import BRINGERS, FACTS, Facts
from router.domain.parts import Party

BROUGHT_BY = frozenset(BRINGERS)
BY_THE_SIAO = frozenset({Famille.SIAO})

SENDERS: Mapping[Nature, frozenset[Famille]] = {
    Nature.DEMANDE: BROUGHT_BY,
    Nature.ORIENTATION: BY_THE_SIAO,
    Nature.CANDIDATURE: BY_THE_SIAO,
}
"""Families that open demands, referrals and candidacies."""

ADDRESSEES: Mapping[Nature, frozenset[Famille]] = {
    Nature.DEMANDE: BY_THE_SIAO,
    Nature.ORIENTATION: frozenset({Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.ARS}),
    Nature.CANDIDATURE: frozenset({Famille.BAILLEUR, Famille.CIL, Famille.COLLECTIVITE, Famille.CONTINGENT}),
}
"""Families to which these are addressed; one that is nowhere here receives nothing of them."""

TOLD_OF_THEIR_OWN = frozenset(
    {
        Famille.SIAO,
        Famille.HEBERGEMENT,
        Famille.LOGEMENT_ACCOMPAGNE,
        Famille.BAILLEUR,
        Famille.VEILLE_SOCIALE,
        Famille.CONTINGENT,
        Famille.COLLECTIVITE,
        Famille.ACCOMPAGNEMENT,
        Famille.SPIP,
        Famille.ARS,
        Famille.BDOS,
    }
)
"""Families that are alerted of what they have sent in vain: those that may read the class of an alert."""

TONIGHT = (PlaceVacante, PlaceLiberee, PlaceOccupee, PlaceIndisponible, PlaceDisponible, PlaceFermee)
OBSERVED = (ObservationEnregistrement, OccupationReleve)
LIVE_LIST = (PretLogementDeclare, PretLogementActualise, PretLogementRetire)

TOLD_AROUND: Mapping[type[Contrat], Famille] = {
    **dict.fromkeys(TONIGHT, Famille.VEILLE_SOCIALE),
    **dict.fromkeys(LIVE_LIST, Famille.CONTINGENT),
    **dict.fromkeys(OBSERVED, Famille.BDOS),
}
"""The family of the territory that hears it too, without a part in its subject: the 115 of tonight's places (duty C3),
the prefect's services of the households to rehouse (duty C6), the observation of pathways and occupation (duty C12)."""

TOLD_WHEN_ASKED: Mapping[type[Contrat], Famille] = {AccompagnementDemande: Famille.ACCOMPAGNEMENT}
"""The family of a partner that a message names itself, and that hears it in the place of the other side."""

TOLD_ALONE: Mapping[type[Contrat], Famille] = {DemandePlaceTrouvee: Famille.SPIP}
"""The one family, of those of a side of its subject, that hears it: a probation service may know the place that is
found for its own people (the matrix), whoever else brings households may not."""

NEWS: frozenset[type[Contrat]] = frozenset({DemandeSuite, DemandeNonPourvue, DemandePlaceTrouvee})
"""Told where its recipient has a way out. Who brings households and has none has its demands move all the same."""


def heard_by(famille: Famille) -> list[type[Contrat]]:
    """The messages that a partner of a family may be sent."""
    return [row.contrat for row in FACTS.values() if _hears(famille, row)]


def _hears(famille: Famille, row: Facts) -> bool:
    """A side of a demand, referral or candidacy hears what others than itself may say of it."""
    if famille in (TOLD_AROUND.get(row.contrat), TOLD_WHEN_ASKED.get(row.contrat)):
        return True
    if famille is not TOLD_ALONE.get(row.contrat, famille):
        return False
    if row.heard_by is Party.SIAO:
        return famille is Famille.SIAO
    nature = row.contrat.NATURE
    named = row.contrat in TOLD_WHEN_ASKED
    senders, addressees = (
        sides.get(nature, frozenset()) if nature else () for sides in (SENDERS, ADDRESSEES)
    )
    of_the_sender = {Party.EMETTEUR, *senders} & set(row.said_by)
    of_others = set(row.said_by) - of_the_sender
    if row.heard_by is Party.DESTINATAIRE:
        return famille in addressees and bool(of_the_sender)
    if row.heard_by is not Party.EMETTEUR:
        return False
    to_addressees = famille in addressees and bool(of_the_sender) and not named
    return to_addressees or (famille in senders and bool(of_others))
