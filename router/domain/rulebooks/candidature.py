"""Rule book of a candidacy for social housing, from the presentation to the lease."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from contracts.reference.codes import ResultatCommission
from contracts.v1.attribution import DecisionCommission
from router.domain.rulebooks.machine import Machine, transitions


class Etat(StrEnum):
    PRESENTEE = "PRESENTEE"
    ACCUSEE = "ACCUSEE"
    INSCRITE = "INSCRITE"
    SOUS_CONDITION = "SOUS_CONDITION"
    ATTRIBUEE_PAR_RANG = "ATTRIBUEE_PAR_RANG"
    ATTRIBUEE = "ATTRIBUEE"
    PROPOSEE_AU_MENAGE = "PROPOSEE_AU_MENAGE"
    BAIL_SIGNE = "BAIL_SIGNE"
    NON_ATTRIBUEE = "NON_ATTRIBUEE"
    IRRECEVABLE = "IRRECEVABLE"
    REFUSEE_PAR_LE_MENAGE = "REFUSEE_PAR_LE_MENAGE"
    RETIREE = "RETIREE"


class Evenement(StrEnum):
    PRESENTER = "presenter"
    ACCUSER = "accuser"
    INSCRIRE = "inscrire"
    ATTRIBUER = "attribuer"
    CLASSER = "classer"
    ATTRIBUER_SOUS_CONDITION = "attribuer-sous-condition"
    NE_PAS_ATTRIBUER = "ne-pas-attribuer"
    DECLARER_IRRECEVABLE = "declarer-irrecevable"
    LEVER_LA_CONDITION = "lever-la-condition"
    ACCEPTER = "accepter"
    REFUSER = "refuser"
    SIGNER = "signer"
    LAISSER_CADUC = "laisser-caduc"
    RETIRER = "retirer"
    INFORMER = "informer"


DECISIONS: Mapping[ResultatCommission, Evenement] = {
    ResultatCommission.ATTRIBUTION: Evenement.ATTRIBUER,
    ResultatCommission.ATTRIBUTION_RANG: Evenement.CLASSER,
    ResultatCommission.SOUS_CONDITION: Evenement.ATTRIBUER_SOUS_CONDITION,
    ResultatCommission.NON_ATTRIBUTION: Evenement.NE_PAS_ATTRIBUER,
    ResultatCommission.IRRECEVABILITE: Evenement.DECLARER_IRRECEVABLE,
}


def decision(contrat: DecisionCommission, today: date) -> Evenement:
    """Return the transition that the result of a landlord's allocation commission makes in a candidacy."""
    return DECISIONS[contrat.resultat]


INSTRUITES = (Etat.PRESENTEE, Etat.ACCUSEE, Etat.INSCRITE)
ATTRIBUEES = (Etat.ATTRIBUEE_PAR_RANG, Etat.ATTRIBUEE)
ATTENDUES = (*INSTRUITES, Etat.SOUS_CONDITION, *ATTRIBUEES, Etat.PROPOSEE_AU_MENAGE)
"""States in which somebody still has to act."""

FINIES_SANS_BAIL = (Etat.NON_ATTRIBUEE, Etat.IRRECEVABLE, Etat.REFUSEE_PAR_LE_MENAGE, Etat.RETIREE)
"""States of a candidacy that ended without a lease."""

MACHINE = Machine(
    table={
        **transitions(
            (Evenement.PRESENTER, Etat.PRESENTEE, (None,)),
            (Evenement.ACCUSER, Etat.ACCUSEE, (Etat.PRESENTEE,)),
            (Evenement.INSCRIRE, Etat.INSCRITE, INSTRUITES),
            (Evenement.CLASSER, Etat.ATTRIBUEE_PAR_RANG, (*INSTRUITES, Etat.ATTRIBUEE_PAR_RANG)),
            (Evenement.ATTRIBUER, Etat.ATTRIBUEE, (*INSTRUITES, Etat.ATTRIBUEE_PAR_RANG)),
            (Evenement.ATTRIBUER_SOUS_CONDITION, Etat.SOUS_CONDITION, INSTRUITES),
            (
                Evenement.NE_PAS_ATTRIBUER,
                Etat.NON_ATTRIBUEE,
                (*INSTRUITES, Etat.SOUS_CONDITION, Etat.ATTRIBUEE_PAR_RANG),
            ),
            (Evenement.DECLARER_IRRECEVABLE, Etat.IRRECEVABLE, INSTRUITES),
            (Evenement.LEVER_LA_CONDITION, Etat.ATTRIBUEE, (Etat.SOUS_CONDITION,)),
            (Evenement.ACCEPTER, Etat.PROPOSEE_AU_MENAGE, ATTRIBUEES),
            (
                Evenement.REFUSER,
                Etat.REFUSEE_PAR_LE_MENAGE,
                (Etat.SOUS_CONDITION, *ATTRIBUEES, Etat.PROPOSEE_AU_MENAGE),
            ),
            (Evenement.SIGNER, Etat.BAIL_SIGNE, (*ATTRIBUEES, Etat.PROPOSEE_AU_MENAGE)),
            (Evenement.LAISSER_CADUC, Etat.NON_ATTRIBUEE, (Etat.ATTRIBUEE_PAR_RANG,)),
            (Evenement.RETIRER, Etat.RETIREE, ATTENDUES),
        ),
        **{(etat, Evenement.INFORMER): etat for etat in Etat},
    },
    way=(*ATTENDUES, Etat.BAIL_SIGNE),
    early=frozenset(INSTRUITES),
    awaited=ATTENDUES,
    set_aside=FINIES_SANS_BAIL,
)
"""States and transitions of a candidacy. A household with a rank for a dwelling may move up, or get the
dwelling. It loses its rank when another household signs the lease (article R441-3 of the housing code,
CCH)."""
