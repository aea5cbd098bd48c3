"""Divide a document of SI-SIAO's own API into parts. Each part becomes one message."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from adapters.evenements import by_short_name
from adapters.objets import MAX_ITEMS, Objet, RowReader
from adapters.si_siao.champs_fiches import (
    DEMANDE_DITE,
    DEMANDE_ORIENTEE,
    DOCUMENT,
    DOCUMENT_DU_PRET,
    ETATS_ORIENTATION,
    ORIENTATION_LUE,
    ORIENTATIONS,
    PRET,
    EtatDemande,
    word_of,
)
from contracts.base import Contrat
from contracts.v1 import demande, orientation, pret_logement

PRETS = by_short_name(pret_logement.PretLogementDeclare, pret_logement.PretLogementActualise)
"""Messages about a household ready for housing, by the `type` that the document gives."""
WITHOUT_EVENT = pret_logement.PretLogementDeclare.NOM
SUIVIS = by_short_name(
    demande.DemandeEvaluee,
    demande.DemandeAnnulee,
    demande.DemandeTransferee,
    orientation.OrientationProposee,
    orientation.OrientationAnnulee,
)
"""Messages that the hub may derive from a document with referrals. Such a document has no `type`: its content
tells which messages to derive."""
BY_STATE: Mapping[str, type[Contrat]] = {
    EtatDemande.ANNULEE: demande.DemandeAnnulee,
    EtatDemande.TRANSFEREE: demande.DemandeTransferee,
}
"""Message that the hub derives from a demand, by the demand's state. A demand in any other state gives no
such message."""
REFERRALS: Mapping[str, type[Contrat]] = {
    "": orientation.OrientationProposee,
    "PROPOSEE": orientation.OrientationProposee,
    "ANNULEE": orientation.OrientationAnnulee,
}
"""Message that the hub derives from a referral, by the referral's state. A referral that was answered gives
none, because SI-SIAO gets the answers from the hub."""


class Partie(NamedTuple):
    """Part of a document from SI-SIAO that becomes one message of the hub. `arbre`: the whole document, parsed;
    `table`: the field table with which the hub reads the part's values out of the document."""

    contrat: type[Contrat] | None
    """Contract of the message; None for an unknown `type`."""
    table: Objet
    arbre: Mapping[str, Any]


def parties_of(document: Mapping[str, Any]) -> Iterator[Partie]:
    """Yield the parts of a document from SI-SIAO, each of which becomes one message. A document without a list
    of referrals, or with a message type (`type`), is one part, about a household ready for housing. Any other
    document has:

    * one part about a demand that came through the hub, if it is evaluated, cancelled or transferred, or has an
      unreadable value;
    * one part for each referral that is proposed, withdrawn or in an unknown state; but only one part for all
      referrals if there are more than 50 (`MAX_ITEMS`);
    * one part about a household ready for housing, if the document declares the household ready.
    """
    if ORIENTATIONS not in document or "type" in document:
        yield Partie(PRETS.get(str(document.get("type", WITHOUT_EVENT))), DOCUMENT_DU_PRET, document)
        return
    yield from _of_the_demand(document)
    yield from _of_the_referrals(document)
    if document.get(PRET):
        yield Partie(PRETS[WITHOUT_EVENT], DOCUMENT_DU_PRET, document)


def _of_the_demand(document: Mapping[str, Any]) -> Iterator[Partie]:
    """Yield the part of a SI-SIAO document that has news of its demand: an evaluation, a cancellation, a
    transfer, or an unreadable value. Yield nothing if the demand did not come through the hub, or has no
    news."""
    table, reading = Objet({"demandeInsertion": DEMANDE_DITE}, ferme=False), RowReader(0, [])
    values = reading.read(document, table)
    if "demande" not in values:
        return
    by_state = BY_STATE.get(values.get("etat", ""))
    if by_state or reading.rejets or any(values.get("preconisations", ())):
        yield Partie(by_state or demande.DemandeEvaluee, table, document)


def _of_the_referrals(document: Mapping[str, Any]) -> Iterator[Partie]:
    """Yield a part of a SI-SIAO document for each of its referrals that is proposed or withdrawn, or has an
    unknown state. Each part becomes one message of the hub. The hub later rejects a message whose referral
    has an unknown state. If the document has more than 50 referrals (`MAX_ITEMS`), yield a single part, whose
    message the hub rejects too."""
    around = {**DOCUMENT.champs, "demandeInsertion": DEMANDE_ORIENTEE}
    said = document[ORIENTATIONS]
    referrals = said if isinstance(said, list) else [said]
    if len(referrals) > MAX_ITEMS:
        table = Objet({**around, ORIENTATIONS: ORIENTATION_LUE}, ferme=False)
        yield Partie(orientation.OrientationProposee, table, document)
        return
    for number, each in enumerate(referrals, 1):
        etat = _etat_of(each)
        if each is None or etat not in REFERRALS:
            continue
        name = f"{ORIENTATIONS}[{number}]"
        needed = around if REFERRALS[etat] is orientation.OrientationProposee else {}
        table = Objet({**needed, name: ORIENTATION_LUE}, ferme=False)
        yield Partie(REFERRALS[etat], table, {**document, name: each})


def _etat_of(referral: Any) -> str:
    said = word_of(referral.get("etat")) if isinstance(referral, dict) else ""
    return ETATS_ORIENTATION.get(said, "")
