"""Determine where a subject is, and which SIAO is responsible for it."""

from collections.abc import Sequence

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.partner import Partner
from contracts.reference.codes import Dispositif
from contracts.reference.identifiants import departements_of_finess
from contracts.reference.territoires import departement_of
from contracts.v1 import orientation
from contracts.v1.aide_sociale import AideSocialeDemandee
from contracts.v1.convention import DerogationAccordee
from contracts.v1.daho import DahoAttribue
from contracts.v1.demande import DemandeDecrite
from contracts.v1.observation import ObservationEnregistrement
from contracts.v1.pret_logement import PretLogementDecrit
from contracts.v1.protection import Protegeable
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rulebooks.aide_sociale import AideSociale
from router.domain.sandbox import message_territoire, territories_of
from router.domain.subjects import Orientation, Subject
from router.domain.territories import Lieu, volet_of

FINESS_LENGTH = 9
"""Number of digits of a FINESS, the number of a health or social establishment. A SIRET, the number of an
establishment in the business register, has more."""


def addressed(contrat: Contrat, registry: Registry) -> Contrat:
    """Complete a message with what the registry says of the structure that the message names. `protegee`
    becomes True if the structure's address is secret, or if no partner manages the structure. A referral also
    gets the structure's manager. This applies to four types of messages: referrals to a structure,
    derogations, requests for aide sociale, and `DahoAttribue` (the prefect has assigned a household to a
    structure). Return any other message unchanged, even if it names a structure."""
    if isinstance(contrat, DerogationAccordee | AideSocialeDemandee | DahoAttribue):
        secret = contrat.protegee or registry.open_structure(contrat.structure) is None
        return contrat.model_copy(update={"protegee": secret})
    if not isinstance(contrat, orientation.OrientationProposee) or contrat.structure is None:
        return contrat
    manager = registry.manager_of(contrat.structure)
    secret = registry.open_structure(contrat.structure) is None
    return contrat.model_copy(update={"gestionnaire": manager and manager.id, "protegee": secret})


def is_unaddressed(contrat: Contrat) -> bool:
    """Tell whether a message is a referral without a recipient, because no partner managed its structure when
    the referral was accepted."""
    if not isinstance(contrat, orientation.OrientationProposee):
        return False
    return contrat.place is None and contrat.structure is None and contrat.gestionnaire is None


def open_structure(contrat: Protegeable, registry: Registry) -> str | None:
    """Return the structure that a message names. Return None if the message names no structure, if the
    structure's address is secret, or if no partner manages the structure."""
    structure: str | None = getattr(contrat, "structure", None)
    return None if contrat.proteges() else registry.open_structure(structure)


def open_commune(contrat: Contrat) -> str | None:
    """Return the commune that a message names. Return None if the message names no commune, or if the commune
    is secret."""
    if isinstance(contrat, Protegeable) and contrat.proteges():
        return None
    commune: str | None = vars(contrat).get("commune")
    return commune


def lieu_of(contrat: Contrat | None, territoire: str, subject: Subject | None, registry: Registry) -> Lieu:
    """Return where a subject is: a territory and, if known, communes. The communes come from `contrat`, a
    message about the subject, or else from `subject`, the subject as stored. The territory depends on the
    type of subject:

    * place, or group of places: of the territories of its manager, the one that contains the commune;
    * referral: the territory that `territoire_of_stay` returns;
    * request for aide sociale: of the territories of the State's service that has to answer, the one that
      contains the commune;
    * any other subject, or if nothing better is known: `territoire`.
    """
    match contrat:
        case PretLogementDecrit():
            return Lieu(territoire, contrat.departement, contrat.communes)
        case ObservationEnregistrement():
            return Lieu(territoire, contrat.departement)
    if subject is not None and (lieu := subject.lieu(territoire)) is not None:
        return lieu
    commune = (contrat and open_commune(contrat)) or getattr(subject, "commune", None)
    if isinstance(subject, Orientation):
        there = territoire_of_stay(subject, territoire, registry)
    else:
        asked = subject.destinataire if isinstance(subject, AideSociale) else None
        partner = registry.get(asked) if asked else _manager(subject, registry)
        there = message_territoire(partner, commune) if partner else territoire
    return Lieu(there, communes=(commune,) if commune else ())


def territoire_of_stay(stay: Orientation, territoire: str, registry: Registry) -> str:
    """Return the territory in which a household stays, or is to stay. It is one of the centre's territories:
    the one that contains the commune of the place. If the commune is unknown, it is the first one in a
    département that the structure's FINESS may mean, or else simply the first. Return `territoire` if the
    registry lacks the centre."""
    centre = registry.get(stay.destinataire)
    if centre is None:
        return territoire
    if stay.commune is not None:
        return message_territoire(centre, stay.commune)
    return _territories_around(stay.structure, centre)[0]


def said_in(source: str, territoire: str, subject: Subject, registry: Registry) -> str:
    """Return the territory to which a message about a subject belongs. `source` is the id of the partner that
    sent the message. Of this partner's territories, it is the one that contains the subject's commune, else
    the first. If the partner or the commune is unknown, return `territoire`."""
    partner, commune = registry.get(source), getattr(subject, "commune", None)
    return message_territoire(partner, commune) if partner and commune else territoire


def siao_of(subject: Subject, registry: Registry) -> Partner | None:
    """Return the SIAO responsible for a place at present. Return None if the registry lacks the place's
    manager, or if no SIAO is responsible for the place's location."""
    manager = _manager(subject, registry)
    if manager is None:
        return None
    return registry.siao_of(
        lieu_of(None, manager.territoire, subject, registry), dispositif_of(None, subject)
    )


def other_siao(source: str, subject: Subject, registry: Registry) -> str | None:
    """Return the id of the SIAO responsible for a place, if the partner `source` works in none of this SIAO's
    départements. If the place's commune is secret or unknown, there is a further condition: the partner works
    in none of the départements of the place's manager either. Return None in any other case, for example if
    `source` is unknown or no SIAO is responsible."""
    sender, siao, manager = registry.get(source), siao_of(subject, registry), _manager(subject, registry)
    if sender is None or siao is None or manager is None:
        return None
    there = departements_of(siao) if getattr(subject, "commune", None) else departements_of(manager)
    return None if departements_of(sender) & (there | departements_of(siao)) else siao.id


def other_siao_of_structure(
    source: str, contrat: orientation.OrientationProposee, manager: str, registry: Registry
) -> str | None:
    """Return the id of the SIAO responsible for the structure of a referral, if the sender (`source`) is from
    elsewhere: it works neither in a département of this SIAO nor in one where the structure may lie. Otherwise,
    return None, also if no SIAO is responsible, or if the sender or the manager is unknown.

    The structure may lie in the départements that its FINESS may mean and in which its manager works. If there
    are none, it may lie in any département of the manager. If several SIAO are responsible there, return the
    one for the first of the manager's territories.
    """
    sender, managing = registry.get(source), registry.get(manager)
    if sender is None or managing is None:
        return None
    territories = _territories_around(contrat.structure, managing)
    there = {departement_of(each) or each for each in territories}
    siaos = (registry.siao_of(Lieu(each), contrat.dispositif) for each in territories)
    siao = next(filter(None, siaos), None)
    return None if siao is None or departements_of(sender) & (there | departements_of(siao)) else siao.id


def _territories_around(structure: str | None, manager: Partner) -> Sequence[str]:
    """Return the manager's territories in which a structure may lie, the main one first. These are the
    territories in départements that the structure's FINESS may mean. If there are none, return all
    territories of the manager."""
    named = departements_of_finess(structure) if structure and len(structure) == FINESS_LENGTH else ()
    everywhere = territories_of(manager)
    return [each for each in everywhere if departement_of(each) in named] or everywhere


def dispositif_of(contrat: Contrat | None, subject: Subject | None) -> Dispositif | None:
    kinds = (getattr(each, "dispositif", None) for each in (contrat, subject))
    return next(filter(None, kinds), None)


def works_in(partner: Partner, territoire: str) -> bool:
    """Tell whether a partner works in the département of a territory."""
    return (departement_of(territoire) or territoire) in departements_of(partner)


def departements_of(partner: Partner) -> set[str]:
    return {departement_of(territoire) or territoire for territoire in partner.territoires}


def siao_that_receives(
    territoire: str, lieu: Lieu, dispositif: Dispositif | None, registry: Registry
) -> Partner:
    """Return the SIAO responsible for a location and a kind of offer. Raises Unroutable, with a French text
    that names `territoire`, if no SIAO is responsible."""
    siao = registry.siao_of(lieu, dispositif)
    if siao is None:
        raise Unroutable(no_siao(territoire, dispositif))
    return siao


def another_siao(demande: DemandeDecrite, siao: Partner, registry: Registry) -> Partner | None:
    """Return the SIAO responsible for a demand that the SIAO `siao` wants to create. Return None if `siao`
    itself is responsible, or if no SIAO is."""
    lieu = lieu_of(demande, message_territoire(siao, demande.commune), None, registry)
    receives = registry.siao_of(lieu, demande.dispositif)
    return receives if receives and receives.id != siao.id else None


def no_siao(territoire: str, dispositif: Dispositif | None) -> str:
    """Return the French text which says that the registry has no SIAO for this territory and this kind of
    offer."""
    volet = f", volet {volet_of(dispositif)}" if dispositif else ""
    return f"aucun SIAO au registre pour le territoire {territoire}{volet}"


def _manager(subject: Subject | None, registry: Registry) -> Partner | None:
    return registry.get((subject and subject.player(Party.GESTIONNAIRE)) or "")
