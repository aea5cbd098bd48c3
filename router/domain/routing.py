"""Determine which partners may send an event, and which receive it.

Pure. The row of the message (`messages.py`) and the parts that partners play in its subject decide.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from adapters.declaration import Declaration
from contracts.base import Contrat, Nature
from contracts.envelope import HUB
from contracts.errors import Unroutable
from contracts.partner import Famille, Partner, may_offer
from contracts.reference.codes import Dispositif
from contracts.reference.territoires import departement_of
from contracts.v1 import orientation
from contracts.v1.aide_sociale import AideSocialeDemandee
from contracts.v1.alerte import EvenementAlerte
from contracts.v1.convention import DerogationAccordee
from contracts.v1.daho import DahoAttribue
from contracts.v1.demande import DemandeTransferee
from contracts.v1.observation import ObservationEnregistrement
from contracts.v1.pret_logement import PretLogementDeclare, PretLogementDecrit, PretLogementRepondu
from contracts.v1.protection import Protegeable
from contracts.v1.suite import AccompagnementDemande
from contracts.v1.transfert import DemandeTransfertAccepte, DemandeTransfertRefuse, DemandeTransfertRetire
from router.domain.messages import FACTS, facts_of
from router.domain.partners import Registry
from router.domain.parts import Part, Party
from router.domain.rights import rights
from router.domain.rulebooks.acte import Convention, Derogation
from router.domain.sandbox import message_territoire, territories_of
from router.domain.subjects import Subject
from router.domain.territories import Lieu, volet_of

FINESS_LENGTH = 9
"""Number of digits of a FINESS, which begins with its département. A SIRET is longer and names no
département."""
HOUSEHOLDS_AT_ONCE = 1000
"""Largest number of households of a list that are decrypted and written together."""
OTHER: Mapping[Party, Party] = {Party.EMETTEUR: Party.DESTINATAIRE, Party.SIAO: Party.GESTIONNAIRE}
"""Party that receives a message instead, if the usual addressee is itself the sender."""


BETWEEN_SIAO = (DemandeTransferee, DemandeTransfertAccepte, DemandeTransfertRefuse, DemandeTransfertRetire)
"""Messages of a transfer between SIAO. A SIAO that becomes responsible does not receive them as history."""
FOR_THE_OTHERS = (DemandeTransfertRetire, PretLogementRepondu)
"""Messages that are applied even if their addressee has left the registry: the end of a proposed transfer,
and the answer about a household that a partner declared ready."""
HISTORY: tuple[type[Contrat], ...] = tuple(
    kind
    for kind, facts in FACTS.items()
    if kind.NATURE in (Nature.DEMANDE, Nature.ORIENTATION, Nature.CANDIDATURE, Nature.MENAGE, Nature.SUIVI)
    and facts.said_by != (Party.HUB,)
    and kind not in BETWEEN_SIAO
)
"""Types of past messages that a newly responsible SIAO receives: all about the demand, referrals,
candidacies, list entry and accompaniments of a household, except messages of a transfer and of the hub."""


def addressed(contrat: Contrat, registry: Registry) -> Contrat:
    """Complete a message from the registry: add the manager of the structure to a referral, and mark secret
    structures.

    A structure is marked C4 if its address is secret or if nobody manages it. This holds for referrals,
    derogations, requests for aide sociale and the prefect's assignments. Any other message is returned
    unchanged.
    """
    if isinstance(contrat, DerogationAccordee | AideSocialeDemandee | DahoAttribue):
        secret = contrat.protegee or registry.open_structure(contrat.structure) is None
        return contrat.model_copy(update={"protegee": secret})
    if not isinstance(contrat, orientation.OrientationProposee) or contrat.structure is None:
        return contrat
    manager = registry.manager_of(contrat.structure)
    secret = registry.open_structure(contrat.structure) is None
    return contrat.model_copy(update={"gestionnaire": manager and manager.id, "protegee": secret})


def is_unaddressed(contrat: Contrat) -> bool:
    """Tell whether the clear half of a referral says neither manager nor structure, because nobody managed
    the structure at intake.

    A caller that can open the sealed half may call `addressed` again.
    """
    if not isinstance(contrat, orientation.OrientationProposee):
        return False
    return contrat.place is None and contrat.structure is None and contrat.gestionnaire is None


def open_structure(contrat: Protegeable, registry: Registry) -> str | None:
    """Return the structure that a message names, or None if its address is secret."""
    structure: str | None = getattr(contrat, "structure", None)
    return None if contrat.proteges() else registry.open_structure(structure)


def open_commune(contrat: Contrat) -> str | None:
    """Return the commune that a message names, or None if it is secret."""
    if isinstance(contrat, Protegeable) and contrat.proteges():
        return None
    commune: str | None = getattr(contrat, "commune", None)
    return commune


def lieu_of(contrat: Contrat | None, territoire: str, subject: Subject | None, registry: Registry) -> Lieu:
    """Return the location of a message's subject. A place lies in a territory of its manager, whoever sends
    the message."""
    match contrat:
        case PretLogementDecrit():
            return Lieu(territoire, contrat.departement, contrat.communes)
        case ObservationEnregistrement():
            return Lieu(territoire, contrat.departement)
    if subject is not None and (lieu := subject.lieu(territoire)) is not None:
        return lieu
    commune = (contrat and open_commune(contrat)) or getattr(subject, "commune", None)
    manager = _manager(subject, registry)
    label = message_territoire(manager, commune) if manager else territoire
    return Lieu(label, communes=(commune,) if commune else ())


def said_in(source: str, territoire: str, subject: Subject, registry: Registry) -> str:
    """Return the territory in which a sender's message about a subject counts: the sender's territory that
    contains the subject's commune, or `territoire` if the commune is unknown."""
    partner, commune = registry.get(source), getattr(subject, "commune", None)
    return message_territoire(partner, commune) if partner and commune else territoire


def siao_of(subject: Subject, registry: Registry) -> Partner | None:
    """Return the SIAO to which a place belongs in its present state; None if nobody manages the place."""
    manager = _manager(subject, registry)
    if manager is None:
        return None
    return registry.siao_of(lieu_of(None, manager.territoire, subject, registry), _dispositif(None, subject))


def other_siao(source: str, subject: Subject, registry: Registry) -> str | None:
    """Return the SIAO of a place, unless the sender belongs to that SIAO; None also if the place has no SIAO.

    The SIAO of one département (urgence and insertion, antennas) count as one. A place with a secret commune
    may lie in any territory of its manager.
    """
    sender, siao, manager = registry.get(source), siao_of(subject, registry), _manager(subject, registry)
    if sender is None or siao is None or manager is None:
        return None
    there = _departements(siao) if getattr(subject, "commune", None) else _departements(manager)
    return None if _departements(sender) & (there | _departements(siao)) else siao.id


def other_siao_of_structure(
    source: str, contrat: orientation.OrientationProposee, manager: str, registry: Registry
) -> str | None:
    """Return the SIAO of the structure that a referral names, unless the sender belongs to that SIAO; None
    also if the structure has no SIAO.

    The first digits of a FINESS are its département. A structure that is secret or has no FINESS may lie in
    any territory of its manager.
    """
    sender, managing = registry.get(source), registry.get(manager)
    if sender is None or managing is None:
        return None
    finess = contrat.structure if len(contrat.structure or "") == FINESS_LENGTH else None
    there = {(finess or "")[:2]} & _departements(managing) or _departements(managing)
    territories = (each for each in territories_of(managing) if (departement_of(each) or each) in there)
    siaos = (registry.siao_of(Lieu(each), contrat.dispositif) for each in territories)
    siao = next(filter(None, siaos), None)
    return None if siao is None or _departements(sender) & (there | _departements(siao)) else siao.id


def _dispositif(contrat: Contrat | None, subject: Subject | None) -> Dispositif | None:
    kinds = (getattr(each, "dispositif", None) for each in (contrat, subject))
    return next(filter(None, kinds), None)


def may_say(
    contrat: Contrat | type[Contrat], source: str, subject: Subject | None, registry: Registry
) -> bool:
    """Tell whether a sender may send this message about a subject, as one of the parties or families that the
    message's row names (`Facts.said_by`)."""
    return any(_plays(source, part, contrat.NATURE, subject, registry) for part in facts_of(contrat).said_by)


def _plays(
    source: str, part: Part, nature: Nature | None, subject: Subject | None, registry: Registry
) -> bool:
    match part:
        case Famille():
            partner = registry.get(source)
            return partner is not None and partner.famille is part and _works_with(partner, subject, registry)
        case Party.HUB:
            return source == HUB
        case Party.PREMIER:
            partner = registry.get(source)
            return subject is None and (partner is None or may_offer(nature, partner.famille))
        case Party.SIAO:
            siao = siao_of(subject, registry) if subject else None
            return siao is not None and source in (siao.id, registry.present(siao.antenne_de or ""))
    return subject is not None and subject.played_by(source, part)


def _works_with(partner: Partner, subject: Subject | None, registry: Registry) -> bool:
    """Tell whether a partner works in the département of any party to the subject. True if no party is known.

    Partners that are no party to a subject, such as a prefect's service, may send messages about it only if
    this is true.
    """
    others = parties(subject, registry) if subject else []
    return not others or any(_departements(partner) & _departements(other) for other in others)


def parties(subject: Subject, registry: Registry) -> list[Partner]:
    """Return the partners of the registry that play a part in a subject or have to sign it, some perhaps
    twice."""
    match subject:
        case Convention():
            structures = subject.attendus
        case Derogation():
            structures = (subject.structure or "",)
        case _:
            structures = ()
    expected = map(registry.manager_of, structures)
    return [partner for partner in (*map(registry.get, subject.players), *expected) if partner is not None]


def works_in(partner: Partner, territoire: str) -> bool:
    """Tell whether a partner works in the département of a territory."""
    return (departement_of(territoire) or territoire) in _departements(partner)


def _departements(partner: Partner) -> set[str]:
    return {departement_of(territoire) or territoire for territoire in partner.territoires}


def recipient(
    contrat: Contrat, source: str, territoire: str, subject: Subject | None, registry: Registry
) -> str | None:
    """Return the id of the partner to which an event is addressed.

    Return None if only the hub or the sender is concerned, or if there are several addressees (the
    signatories of an act). Return None too for an optional addressee that the hub cannot reach, and for a
    message of `FOR_THE_OTHERS` whose addressee has left the registry. Raises Unroutable for any other
    addressee that the registry lacks or that the hub cannot reach.
    """
    facts = facts_of(contrat)
    party = facts.addressee
    if party in (Party.HUB, Party.SIGNATAIRE):
        return None
    about = (contrat, territoire, subject, registry)
    player = _player(party, *about)
    if isinstance(contrat, AccompagnementDemande) and player == source:
        _operator(contrat, registry)
        return None
    if player == source and party in OTHER:
        player = _player(OTHER[party], *about) or player
    elif player == source:
        return None
    partner = registry.get(player or "")
    if partner is not None and partner.sortie is None and facts.beside.optional:
        return None
    if isinstance(contrat, FOR_THE_OTHERS) and not is_reached(player, registry):
        return None
    if partner is None or partner.sortie is None:
        raise Unroutable(_nobody(party, player, territoire, _dispositif(contrat, subject)))
    return partner.id


def is_reached(partner_id: str | None, registry: Registry) -> bool:
    """Tell whether the registry has the partner, and the hub can deliver to it."""
    partner = registry.get(partner_id or "")
    return partner is not None and partner.sortie is not None


def _nobody(party: Party, player: str | None, territoire: str, dispositif: Dispositif | None) -> str:
    """Return, in French, which partner the registry lacks. The text names the territory, never the
    household's commune."""
    if player is not None:
        return f"« {player} » n'est pas au registre, ou n'y a pas de sortie"
    if party is Party.SIAO:
        return _no_siao(territoire, dispositif)
    return f"aucun partenaire du registre pour le rôle « {party} » (territoire {territoire})"


def siao_that_receives(
    territoire: str, lieu: Lieu, dispositif: Dispositif | None, registry: Registry
) -> Partner:
    """Return the SIAO that receives offers of a kind at a location. Raises Unroutable, which names
    `territoire`, if there is none."""
    siao = registry.siao_of(lieu, dispositif)
    if siao is None:
        raise Unroutable(_no_siao(territoire, dispositif))
    return siao


def _no_siao(territoire: str, dispositif: Dispositif | None) -> str:
    """Say in French that the registry has no SIAO for this kind of offer in a territory."""
    volet = f", volet {volet_of(dispositif)}" if dispositif else ""
    return f"aucun SIAO au registre pour le territoire {territoire}{volet}"


def listeners(
    contrat: Contrat, source: str, territoire: str, subject: Subject | None, registry: Registry
) -> Iterator[str]:
    """Yield the partners that receive an event besides its addressee: the operator that it asks, the SIAO of
    its subject, and partners of the territory, as the message's row says. The sender is never among them."""
    if isinstance(contrat, AccompagnementDemande) and contrat.operateur is not None:
        yield _operator(contrat, registry)
    beside = facts_of(contrat).beside
    siao = (
        registry.get(_player(Party.SIAO, contrat, territoire, subject, registry) or "")
        if beside.siao
        else None
    )
    if siao is not None and reads(siao, type(contrat)) and siao.id != source:
        yield siao.id
    familles = beside.around if beside.motif in (None, *_motifs(contrat, subject)) else ()
    if not familles or (subject is not None and not subject.notified_around):
        return
    there = _around(familles, lieu_of(contrat, territoire, subject, registry), registry)
    yield from (name for name in there if name != source)


def _motifs(contrat: Contrat, subject: Subject | None) -> Iterator[str | None]:
    """Yield the motive of a message, then the motives that the recipient gave with earlier answers about the
    subject."""
    yield getattr(contrat, "motif", None)
    yield from (facts.get("motif") for facts in getattr(subject, "dit", {}).values())


def _around(familles: tuple[Famille, ...], lieu: Lieu, registry: Registry) -> Iterator[str]:
    return (partner.id for famille in familles for partner in registry.listeners(famille, lieu))


def readers(household: Subject, territoire: str, registry: Registry) -> tuple[str, ...]:
    """Return the readers of a household ready for housing: the partners whose perimeter contains the
    household, without its own SIAO. `territoire` is the territory of that SIAO."""
    lieu = lieu_of(None, territoire, household, registry)
    there = _around(facts_of(PretLogementDeclare).beside.around, lieu, registry)
    return tuple(name for name in there if name != household.player(Party.EMETTEUR))


def households_at_once(reader: str, registry: Registry) -> int:
    """Return the largest number of households in one delivery of the list to a partner. Raises Unroutable for
    a partner that may receive none."""
    partner = registry.get(reader)
    if partner is None or partner.dialecte_sortant is None or not reads_the_list(partner):
        raise Unroutable(f"« {reader} » n'est pas au registre, ou n'y a pas de sortie qui écrive la liste")
    return min(HOUSEHOLDS_AT_ONCE, _declaration(partner, partner.dialecte_sortant).ecrit_au_plus)


def reads_the_list(partner: Partner) -> bool:
    """Tell whether a partner may receive the list of households ready for housing, and the hub can deliver
    it."""
    readers = facts_of(PretLogementDeclare).beside.around
    return partner.famille in readers and reads(partner, PretLogementDeclare)


def _operator(contrat: AccompagnementDemande, registry: Registry) -> str:
    """Return the partner that is asked to accompany a household.

    Raises Unroutable if the registry has no operator with the SIRET or FINESS of the message, or if the hub
    cannot deliver to the operator.
    """
    operator = registry.manager_of(contrat.operateur or "")
    if operator is None or operator.sortie is None:
        raise Unroutable("aucun partenaire à livrer n'a le SIRET ou FINESS de l'opérateur nommé")
    return operator.id


def _player(
    party: Party, contrat: Contrat, territoire: str, subject: Subject | None, registry: Registry
) -> str | None:
    """Return the id of the partner that is this party to a subject; None if there is none.

    The SIAO of a demand, referral or candidacy is its sender or its recipient. For any other subject it is
    the SIAO at the subject's location.
    """
    if party is Party.EVALUATEUR:
        return getattr(subject, "evaluateur", None) or (subject.player(Party.EMETTEUR) if subject else None)
    if party is Party.REPRENEUR:
        named = getattr(contrat, "siao", None) if isinstance(contrat, DemandeTransfertRetire) else None
        return named or getattr(subject, "repreneur", None)
    if party is not Party.SIAO or (subject and subject.player(party)):
        return subject.player(party) if subject else None
    sides = _sides(subject)
    has_part = next((s for s in map(registry.get, sides) if s and s.famille is Famille.SIAO), None)
    if has_part is not None:
        return has_part.id
    siao = registry.siao_of(lieu_of(contrat, territoire, subject, registry), _dispositif(contrat, subject))
    return siao.id if siao else None


def _sides(subject: Subject | None) -> tuple[str, ...]:
    """Return the partners that sent and received a subject, sender first; only the sender if there is no
    recipient. Empty for a place."""
    sides = map(subject.player, (Party.EMETTEUR, Party.DESTINATAIRE)) if subject else ()
    return tuple(filter(None, sides))


def _manager(subject: Subject | None, registry: Registry) -> Partner | None:
    return registry.get((subject and subject.player(Party.GESTIONNAIRE)) or "")


def alerted(alert: EvenementAlerte, registry: Registry) -> tuple[str, ...]:
    """Return the partner that an alert is about, if the hub can deliver to it and its system reads alerts;
    else an empty tuple."""
    partner = registry.get(alert.emetteur or "")
    return (partner.id,) if partner and reads(partner, type(alert)) else ()


def history_for(partner: Partner) -> Sequence[type[Contrat]]:
    """Return the types of past messages about a household that a SIAO receives when it becomes responsible,
    if its system can read them."""
    return [kind for kind in HISTORY if reads(partner, kind)]


def reads(partner: Partner, kind: type[Contrat]) -> bool:
    """Tell whether the hub can send this kind of message to a partner: it has a connection for deliveries, its
    dialect carries the message, and its family may see it."""
    if partner.sortie is None or partner.dialecte_sortant is None:
        return False
    return (
        rights(partner.famille).may_receive(kind)
        and kind in _declaration(partner, partner.dialecte_sortant).ecrit
    )


@lru_cache(maxsize=1000)
def _declaration(partner: Partner, dialect: str) -> Declaration:
    from adapters.registry import (
        declaration_for,  # knows every dialect: a command that asks for states waits for none
    )

    return declaration_for(partner, dialect)
