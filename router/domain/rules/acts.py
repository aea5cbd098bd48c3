"""Rules for acts (agreements and derogations): which partners sign an act, in whose name, and what each
message about an act changes. The rules follow duties C2, C4, C8 and C9 of `docs/obligations.md`."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from contracts.base import Contrat
from contracts.envelope import HUB, Event
from contracts.frozen import replace
from contracts.partner import Famille, Partner
from contracts.reference.territoires import departement_of
from contracts.v1.acte import ActeDate, ActeEcheance
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.convention import (
    ConventionBilan,
    ConventionContestee,
    ConventionDenoncee,
    ConventionEcheance,
    ConventionExpiree,
    ConventionQuart,
    ConventionSignee,
    DerogationAccordee,
    DerogationContestee,
    DerogationDenoncee,
    DerogationEcheance,
    DerogationExpiree,
    Objet,
    Signataire,
)
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.numero_acte import departement_written
from contracts.v1.protection import Protegeable
from router.domain import authority, location, routing
from router.domain.calendar import day_in, months_after
from router.domain.deadlines import running_of
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rulebooks.acte import Acte, Convention, Derogation, Etat, Evenement
from router.domain.rulebooks.book import Book
from router.domain.rules.admissibility import OLDER, is_older, not_applied, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, World, without_effect
from router.domain.rules.quarter import begun_anew, clocked, quarter_over, stated
from router.domain.subjects import Subject
from router.domain.territories import Lieu

SIGNATURE = (ConventionSignee, DerogationAccordee)
OF_THE_PREFECT, OF_THE_SIAO = frozenset({Famille.ETAT}), frozenset({Famille.SIAO})
NEEDED: Mapping[Objet, frozenset[Famille]] = {
    Objet.LOGEMENT_ACCOMPAGNE: OF_THE_SIAO,
    Objet.COLLECTIVITE: OF_THE_SIAO,
    Objet.ACCORD_COLLECTIF: OF_THE_PREFECT,
    Objet.CONTINGENT: OF_THE_PREFECT,
    Objet.CIL_LISTE: OF_THE_PREFECT,
    Objet.CIL_CANDIDAT: OF_THE_PREFECT,
    Objet.SIAO: OF_THE_PREFECT,
}
"""Types of partners that must sign an agreement, by its purpose (`objet`). The body with which the agreement
is made must sign too. This is our own choice ([choix]), except for a collector (CIL: the employers' housing
fund): there, duty C8 of `docs/obligations.md` names the prefect."""


def move_act(event: Event, move: Evenement, world: World) -> Effects:
    """Apply a message about an act: a signature, a contestation, a prolongation, the end of the act, or a
    collector's report about it."""
    known = world.subject_of(event)
    if move is Evenement.PROLONGER:
        return _elapses(event, known, world)
    if known is not None and not isinstance(known, Acte):
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if isinstance(event.contrat, ConventionQuart) and event.of_the_hub:
        anew = begun_anew(event, known)
        return anew if isinstance(anew, Effects) else notify(event, anew, world)
    quality = _quality(event.contrat, event.source, known, world.registry)
    if quality is None or not authority.may_say(event.contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    if known is not None and is_older(event, known):
        return OLDER
    if isinstance(event.contrat, SIGNATURE):
        return _sign(event, quality, known or _opened(event, world.registry), known, world)
    if isinstance(event.contrat, ConventionBilan):
        return stated(event, known)
    if known is None:
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    return _ended(event, move, known, world)


def _sign(event: Event, quality: str, act: Acte, known: Acte | None, world: World) -> Effects:
    contrat = event.contrat
    assert isinstance(contrat, SIGNATURE)
    if wrong := _wrong(contrat, act, known, world.registry):
        return anomaly(event, wrong, known)
    if known is not None and quality in known.signatures and known.etat is not Etat.EN_VIGUEUR:
        return without_effect("deja_connu", known, stamped(event, known))
    signed = dict.fromkeys(act.attendus if contrat.sur_papier else (quality,), event.source)
    signatures = {**signed, **act.signatures, quality: event.source}
    whole = set(act.attendus) <= set(signatures)
    move = Evenement.METTRE_EN_VIGUEUR if whole and act.etat is not Etat.EN_VIGUEUR else Evenement.SIGNER
    after = act.MACHINE.move(act.etat, move)
    if not isinstance(after, StrEnum):
        return not_applied(event, after, known)
    day = contrat.signee_le or day_in(event.attributes.territoire, event.attributes.time)
    since = act.vaut_depuis or max(day, act.du or day)
    moved = replace(act.moved(after), signatures=signatures, vaut_depuis=since if whole else None)
    if isinstance(moved, Derogation) and quality == Signataire.GESTIONNAIRE:
        moved = replace(moved, gestionnaire=event.source)
    return notify(event, clocked(stamped(event, moved), event), world)


def _opened(event: Event, registry: Registry) -> Acte:
    contrat, territoire = event.contrat, event.attributes.territoire
    if isinstance(contrat, DerogationAccordee):
        act: Acte = Derogation(
            id=contrat.sujet,
            emetteur=event.source,
            territoire=territoire,
            attendus=tuple(map(str, Signataire)),
            structure=location.open_structure(contrat, registry),
            places=contrat.places,
            quota=contrat.quota,
        )
    else:
        assert isinstance(contrat, ConventionSignee)
        act = Convention(
            id=contrat.sujet,
            emetteur=event.source,
            territoire=departement_written(contrat.numero, territoire),
            attendus=tuple(dict.fromkeys(contrat.signataires)),
            objet=contrat.objet,
            partenaire=contrat.partenaire,
            attribution=contrat.attribution,
        )
    months = contrat.tacite_reconduction_mois
    return replace(act, numero=contrat.numero, du=contrat.du, au=contrat.au, tacite_reconduction_mois=months)


def _wrong(
    contrat: ConventionSignee | DerogationAccordee, act: Acte, known: Acte | None, registry: Registry
) -> MotifAnomalie | None:
    if known is not None and (contrat.du, contrat.au) != (known.du, known.au):
        return MotifAnomalie.SIGNATURE_DIFFERENTE
    if contrat.tacite_reconduction_mois not in (None, act.tacite_reconduction_mois):
        return MotifAnomalie.SIGNATURE_DIFFERENTE
    if isinstance(contrat, DerogationAccordee):
        assert isinstance(act, Derogation)
        other_places = bool(contrat.places and act.places) and {*contrat.places} != {*act.places}
        other_structure = _differ(location.open_structure(contrat, registry), act.structure, registry)
        same = contrat.places_at_once == act.places_at_once and not (other_places or other_structure)
        return None if same else MotifAnomalie.SIGNATURE_DIFFERENTE
    assert isinstance(act, Convention)
    if (contrat.objet, contrat.partenaire, contrat.attribution, set(contrat.signataires)) != (
        act.objet,
        act.partenaire,
        act.attribution,
        set(act.attendus),
    ):
        return MotifAnomalie.SIGNATURE_DIFFERENTE
    present = [p for siret in contrat.signataires if (p := registry.manager_of(siret))]
    of_all = {p.famille for p in present} >= NEEDED[contrat.objet]
    of_there = any(location.works_in(p, act.territoire) for p in present)
    if contrat.partenaire in contrat.signataires and of_all and of_there:
        return None
    return MotifAnomalie.SIGNATAIRES_INCOMPLETS


def _differ(one: str | None, other: str | None, registry: Registry) -> bool:
    """Tell whether two numbers certainly belong to different structures. If one is a FINESS and the other a
    SIRET, and both have the same manager, they may belong to the same structure. None stands for an unknown
    structure: return False."""
    if one is None or other is None or one == other:
        return False
    return len(one) == len(other) or registry.manager_of(one) != registry.manager_of(other)


def _ended(event: Event, move: Evenement, known: Acte, world: World) -> Effects:
    assert isinstance(event.contrat, ActeDate)
    after = known.MACHINE.move(known.etat, move)
    if not isinstance(after, StrEnum):
        return not_applied(event, after, known)
    moved = known.moved(after)
    if move is Evenement.CONTESTER:
        moved = replace(moved, signatures={}, vaut_depuis=None)
    if move is Evenement.DENONCER:
        moved = replace(moved, denonce_le=event.contrat.le)
    return notify(event, stamped(event, moved), world)


def _elapses(event: Event, known: Subject | None, world: World) -> Effects:
    contrat = event.contrat
    assert isinstance(contrat, ActeEcheance)
    if not authority.may_say(contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    running = running_of(known, world.registry).get(contrat.echeance) if known else None
    if not isinstance(known, Acte) or running is None or running.started_at != contrat.commencee_le:
        return without_effect("ne_court_plus")
    if contrat.etape is not Etape.ECHUE:
        return replace(notify(event, known, world), subjects=())
    assert known.au is not None
    if known.tacite_reconduction_mois and known.vaut_depuis is not None:  # not one that lacks a signature
        longer = months_after(known.au, known.tacite_reconduction_mois)
        renewed = replace(known.moved(Etat.EN_VIGUEUR), au=longer, etat_depuis=event.attributes.time)
        return notify(event, renewed, world)
    expired = DerogationExpiree if isinstance(known, Derogation) else ConventionExpiree
    says = {expired.SUJET: known.id, "numero": known.numero, "le": known.au, "version": known.version}
    return Effects(derived=(expired(**says),))


def notify(event: Event, act: Acte, world: World) -> Effects:
    """Store the act. Send the event to the act's signatories, and to the SIAO and the State's services of the
    act's territory. The event's sender is left out."""
    partners = _concerned(act, world.registry)
    notified = (p.id for p in partners if p.id != event.source and routing.reads(p, type(event.contrat)))
    return Effects(subjects=(act,), recipients=tuple(dict.fromkeys(notified)))


def waits_for(act: Subject, partner: Partner, registry: Registry) -> bool:
    """Tell whether an act is not yet in force and still needs the signature of this partner."""
    if not isinstance(act, Acte) or act.etat is not Etat.PROPOSEE:
        return False
    quality = _quality(None, partner.id, act, registry)
    return quality in {*act.attendus} - act.signatures.keys() and partner in _concerned(act, registry)


def _concerned(act: Acte, registry: Registry) -> Iterator[Partner]:
    lieu = Lieu(act.territoire, departement_of(act.territoire))
    siao = registry.siao_of(lieu)
    if siao is not None:
        yield siao
    yield from registry.listeners(Famille.ETAT, lieu)
    yield from authority.parties(act, registry)


def _quality(contrat: Contrat | None, source: str, known: Acte | None, registry: Registry) -> str | None:
    if source == HUB:
        return HUB
    partner = registry.get(source)
    if partner is None:
        return None
    if isinstance(contrat, ConventionSignee) or isinstance(known, Convention):
        expected = known.attendus if known else getattr(contrat, "signataires", ())
        own = registry.structures_of(partner)
        return next((siret for siret in expected if siret in own), None)
    if partner.famille in (Famille.SIAO, Famille.ETAT):
        quality = str(Signataire(partner.famille.upper()))
        return quality if _signer(quality, partner, known, registry) in (None, partner.id) else None
    return str(Signataire.GESTIONNAIRE) if _manages(partner, known, contrat) else None


def _signer(quality: str, partner: Partner, known: Acte | None, registry: Registry) -> str | None:
    name = known.signatures.get(quality) if known else None
    signer = registry.get(name) if name else None
    # a signer of another type only reported a signature given on paper
    return signer.id if signer is not None and signer.famille is partner.famille else None


def _manages(partner: Partner, known: Acte | None, contrat: Contrat | None) -> bool:
    """Tell whether a partner may act as the manager of the structure that a derogation is about. `known` is the
    derogation as stored, and `contrat` the partner's message about it; None if there is none.

    * If a manager has signed, only this manager may.
    * If no manager has signed, a partner may if its registry entry names the structure.
    * If the structure's address is secret, or nobody manages the structure, the derogation is stored without
      its structure. Any partner may then sign, but do nothing else: before this, intake has already refused a
      signature of a partner that does not manage the structure.
    """
    if isinstance(known, Derogation) and known.gestionnaire:
        return known.gestionnaire == partner.id
    structure = known.structure if isinstance(known, Derogation) else _open(contrat)
    return structure in partner.structures if structure else isinstance(contrat, SIGNATURE)


def _open(contrat: Contrat | None) -> str | None:
    secret = isinstance(contrat, Protegeable) and contrat.proteges()
    return None if secret else getattr(contrat, "structure", None)


def _end_of(act: Acte, stage: Mapping[str, Any]) -> Contrat:
    if stage["echeance"] is Echeance.BILAN_DU_QUART:
        return quarter_over(act)
    kind = DerogationEcheance if isinstance(act, Derogation) else ConventionEcheance
    return kind(**{kind.SUJET: act.id}, numero=act.numero, fin_le=act.au, **stage)


EXPECTED: Mapping[str, tuple[Party, str]] = {Etat.PROPOSEE: (Party.SIGNATAIRE, "signer")}
CONVENTIONS = Book(
    subject=Convention,
    moves={
        ConventionSignee: Evenement.SIGNER,
        ConventionContestee: Evenement.CONTESTER,
        ConventionDenoncee: Evenement.DENONCER,
        ConventionBilan: Evenement.CONSTATER_LE_QUART,
        ConventionQuart: Evenement.CONSTATER_LE_QUART,
        ConventionEcheance: Evenement.PROLONGER,
        ConventionExpiree: Evenement.EXPIRER,
    },
    openers={},
    mover=move_act,
    expected=EXPECTED,
    reached=_end_of,
)
DEROGATIONS = Book(
    subject=Derogation,
    moves={
        DerogationAccordee: Evenement.SIGNER,
        DerogationContestee: Evenement.CONTESTER,
        DerogationDenoncee: Evenement.DENONCER,
        DerogationEcheance: Evenement.PROLONGER,
        DerogationExpiree: Evenement.EXPIRER,
    },
    openers={},
    mover=move_act,
    expected=EXPECTED,
    reached=_end_of,
)
