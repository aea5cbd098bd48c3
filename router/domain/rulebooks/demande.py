"""Rule book of a demand. A demand ends only when the household gets a place, or when the demand is withdrawn.
It never ends by a refusal, a no-show or a missing answer. A transfer changes the SIAO of the demand, not its
state."""

from enum import StrEnum

from router.domain.rulebooks.machine import Machine, transitions


class Etat(StrEnum):
    RECUE = "RECUE"
    COMPLETE = "COMPLETE"
    EVALUEE = "EVALUEE"
    EN_ATTENTE = "EN_ATTENTE"
    ORIENTEE = "ORIENTEE"
    POURVUE = "POURVUE"
    NON_POURVUE = "NON_POURVUE"
    ANNULEE = "ANNULEE"


class Evenement(StrEnum):
    RECEVOIR = "recevoir"
    COMPLETER = "completer"
    ACTUALISER = "actualiser"
    INFORMER = "informer"
    EVALUER = "evaluer"
    ORIENTER = "orienter"
    RENDRE = "rendre"
    POURVOIR = "pourvoir"
    NE_PAS_POURVOIR = "ne-pas-pourvoir"
    ANNULER = "annuler"
    TRANSFERER = "transferer"
    ACCEPTER_LE_TRANSFERT = "accepter-le-transfert"
    REFUSER_LE_TRANSFERT = "refuser-le-transfert"
    RETIRER_LE_TRANSFERT = "retirer-le-transfert"


A_EVALUER = (Etat.RECUE, Etat.COMPLETE)
SANS_PLACE = (*A_EVALUER, Etat.EVALUEE, Etat.EN_ATTENTE, Etat.NON_POURVUE)
"""States of an open demand whose household has no open referral and no place."""
OUVERTES = (*SANS_PLACE, Etat.ORIENTEE)
FINIES_SANS_PLACE = (Etat.ANNULEE,)
"""States of a withdrawn demand."""
TRANSFERTS = (
    Evenement.TRANSFERER,
    Evenement.ACCEPTER_LE_TRANSFERT,
    Evenement.REFUSER_LE_TRANSFERT,
    Evenement.RETIRER_LE_TRANSFERT,
)
"""Transitions of a transfer. They leave the state unchanged."""

MACHINE = Machine(
    table={
        **transitions(
            (Evenement.RECEVOIR, Etat.RECUE, (None,)),
            (Evenement.COMPLETER, Etat.COMPLETE, A_EVALUER),
            (Evenement.COMPLETER, Etat.EVALUEE, (Etat.EVALUEE,)),
            (Evenement.COMPLETER, Etat.EN_ATTENTE, (Etat.EN_ATTENTE, Etat.NON_POURVUE)),
            (Evenement.COMPLETER, Etat.ORIENTEE, (Etat.ORIENTEE,)),
            (Evenement.EVALUER, Etat.EVALUEE, (*A_EVALUER, Etat.EVALUEE)),
            (Evenement.EVALUER, Etat.EN_ATTENTE, (Etat.EN_ATTENTE, Etat.NON_POURVUE)),
            (Evenement.EVALUER, Etat.ORIENTEE, (Etat.ORIENTEE,)),
            (Evenement.ORIENTER, Etat.ORIENTEE, OUVERTES),
            (Evenement.RENDRE, Etat.EN_ATTENTE, (Etat.ORIENTEE,)),
            (Evenement.POURVOIR, Etat.POURVUE, OUVERTES),
            (Evenement.NE_PAS_POURVOIR, Etat.NON_POURVUE, SANS_PLACE),
            (Evenement.ANNULER, Etat.ANNULEE, OUVERTES),
        ),
        **{(etat, move): etat for etat in OUVERTES for move in (Evenement.INFORMER, *TRANSFERTS)},
        **{(etat, Evenement.ACTUALISER): etat for etat in OUVERTES},
        (Etat.NON_POURVUE, Evenement.ACTUALISER): Etat.EN_ATTENTE,
    },
    way=(Etat.RECUE, Etat.COMPLETE, Etat.EVALUEE),
    early=frozenset(A_EVALUER),
    awaited=(Etat.ORIENTEE,),
    set_aside=FINIES_SANS_PLACE,
)
"""States and transitions of a demand. A referral may come before the evaluation, because the 115 finds a
place within one evening."""
