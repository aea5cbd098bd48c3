"""Rules for a household that a partner other than its SIAO declares ready for housing (duty C5 of
`docs/obligations.md`).

Such a household comes on the list of households ready for housing only when the SIAO confirms the
declaration. The partner may withdraw its declaration.
"""

from collections.abc import Mapping
from enum import StrEnum

from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.frozen import replace
from contracts.partner import Famille, Partner
from contracts.reference.codes import Dispositif
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.pret_logement import (
    MotifRefusDeclaration,
    MotifRetrait,
    PretLogementDeclare,
    PretLogementDiffuse,
    PretLogementRepondu,
    PretLogementRetire,
    ReponseDeclaration,
)
from router.domain import routing
from router.domain.partners import Registry
from router.domain.rulebooks.pret_logement import FINIS, MACHINE, SUR_LA_LISTE, Etat, Evenement, MenagePret
from router.domain.rules.admissibility import OLDER, is_older, not_applied, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, World, forward, without_effect
from router.domain.territories import Lieu

REFUSALS: Mapping[MotifRetrait, MotifRefusDeclaration] = {
    MotifRetrait.PAS_ENCORE_PRET: MotifRefusDeclaration.PAS_ENCORE_PRET,
    MotifRetrait.DEPART_DU_TERRITOIRE: MotifRefusDeclaration.HORS_TERRITOIRE,
}
"""Reason for which the hub refuses a partner's declaration, by the reason for which the SIAO has withdrawn
the household. After any other reason of the SIAO, the hub's reason is AUTRE."""

ANSWERED: Mapping[ReponseDeclaration, tuple[Etat, ...]] = {
    ReponseDeclaration.CONFIRMEE: SUR_LA_LISTE,
    ReponseDeclaration.REFUSEE: FINIS,
}
"""States of the household in which the hub's answer to a partner's declaration is final, by answer. In any
other state, the partner gets a further answer later."""


def is_a_partners(event: Event, registry: Registry) -> bool:
    """Tell whether a declaration of a household ready for housing comes from a partner that is not a SIAO."""
    sender = registry.get(event.source)
    return sender is not None and sender.famille is not Famille.SIAO


def propose(event: Event, world: World) -> Effects:
    """Ask the SIAO to confirm a partner's declaration that a household is ready for housing. If the household
    is on the list already, its stored description is not changed, and the SIAO is only notified. Raises
    Unroutable if the SIAO cannot receive such messages."""
    known, siao = world.subject_of(event), _siao(event, world.registry)
    if siao is None or not _may_declare(event.source, siao, known):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    if known is not None and is_older(event, known):
        return OLDER
    if not routing.reads(siao, PretLogementDeclare):
        raise Unroutable(f"« {siao.id} » n'a pas de sortie qui écrive un ménage à confirmer")
    if isinstance(known, MenagePret) and known.etat in SUR_LA_LISTE:
        heard = replace(known, declare_par=event.source)
        return Effects(subjects=(stamped(event, heard),), recipients=(siao.id,))
    after = MACHINE.move(known.etat if known else None, Evenement.PROPOSER)
    if not isinstance(after, StrEnum):
        return not_applied(event, after, known)
    opened = MenagePret(id=event.contrat.sujet, emetteur=siao.id, menage=event.contrat.sujet)
    held = known if isinstance(known, MenagePret) else opened
    assert isinstance(event.contrat, PretLogementDeclare)
    said = held.moved(Etat.A_CONFIRMER).described(event.contrat, event.attributes.id, event.attributes.time)
    asked = replace(said, declarant=event.source, declare_par=event.source)
    return Effects(subjects=(stamped(event, asked),), recipients=(siao.id,))


def _siao(event: Event, registry: Registry) -> Partner | None:
    sender = registry.get(event.source)
    siao = registry.siao_of(Lieu(event.attributes.territoire), Dispositif.LOGEMENT)
    return siao if siao and sender and sender.famille in siao.declarants else None


def _may_declare(partner: str, siao: Partner, known: object) -> bool:
    if not isinstance(known, MenagePret):
        return known is None
    return known.emetteur == siao.id and known.declarant in (None, partner)


def answer(event: Event, household: MenagePret, world: World) -> Effects:
    """Send the SIAO's answer to the partner that declared the household. If the SIAO confirms the declaration,
    send the household to its readers."""
    effects = send_answer(event, household, world)
    if household.etat is not Etat.DECLARE:
        return effects
    ready = replace(household, declarant=None, decrit_le=event.attributes.time)
    return effects.with_subject(ready).with_news(PretLogementDiffuse(menage=household.id))


def hub_answer(household: MenagePret) -> tuple[PretLogementRepondu, ...]:
    """Return the message by which the hub confirms a partner's declaration that a household is ready for
    housing. The hub sends it in place of the SIAO, which has just declared the household ready itself,
    described it, or presented it to a landlord. Return an empty tuple if no partner waits for an answer to a
    declaration."""
    if household.declarant is None:
        return ()
    return (PretLogementRepondu(menage=household.id, reponse=ReponseDeclaration.CONFIRMEE),)


def hub_refusal(household: MenagePret, motif: MotifRetrait) -> tuple[PretLogementRepondu, ...]:
    """Return the message by which the hub refuses a partner's declaration that a household is ready for
    housing. The hub sends it in place of the SIAO when the household is withdrawn or housed; `motif` says
    why. Return an empty tuple if no partner waits for an answer to a declaration."""
    if household.declarant is None:
        return ()
    why = REFUSALS.get(motif, MotifRefusDeclaration.AUTRE)
    return (PretLogementRepondu(menage=household.id, reponse=ReponseDeclaration.REFUSEE, motif_refus=why),)


def take_back(event: Event, household: MenagePret, world: World) -> Effects:
    """Apply a partner's withdrawal of its declaration that a household is ready for housing, and notify the
    SIAO. A household that the SIAO has not yet confirmed becomes withdrawn (`RETIRE`). A household on the list
    stays on the list."""
    if household.etat is Etat.A_CONFIRMER:
        household = replace(household.moved(Etat.RETIRE), declarant=None)
    elif household.etat in SUR_LA_LISTE:
        household = replace(household, declare_par=None)
    siao = world.registry.get(household.emetteur)
    told = (siao.id,) if siao is not None and routing.reads(siao, PretLogementRetire) else ()
    return Effects(subjects=(stamped(event, household),), recipients=told)


def send_answer(event: Event, household: MenagePret, world: World) -> Effects:
    """Send an answer (`event`) to the partner that declared a household ready for housing. The answer
    comes from the SIAO, or from the hub in place of the SIAO. The partner then waits for no further
    answer, unless the answer is the hub's and no longer fits the household's state: for example, it
    confirms a household that has left the list meanwhile."""
    assert isinstance(event.contrat, PretLogementRepondu)
    if household.declarant is None:
        return without_effect("deja_connu")
    sent = forward(event, world, household)
    if event.of_the_hub and household.etat not in ANSWERED[event.contrat.reponse]:
        return sent
    return sent.with_subject(replace(household, declarant=None))
