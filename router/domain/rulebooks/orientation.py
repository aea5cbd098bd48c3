"""Rule book of a referral, and of a stay that a centre opened without the SIAO. Both stay open until their
outcome is known."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from contracts.reference.codes import AuteurRefus, MotifRefus
from contracts.v1.orientation import OrientationRefusee
from contracts.v1.suite import SortieDeclaree
from router.domain.rulebooks.machine import Machine, transitions


class Etat(StrEnum):
    PROPOSEE = "PROPOSEE"
    ACCUSEE = "ACCUSEE"
    EN_ATTENTE = "EN_ATTENTE"
    PREADMISSION = "PREADMISSION"
    ACCEPTEE = "ACCEPTEE"
    ADMISE = "ADMISE"
    ENTREE = "ENTREE"
    SORTIE = "SORTIE"
    REFUS_STRUCTURE = "REFUS_STRUCTURE"
    REFUS_PERSONNE = "REFUS_PERSONNE"
    NON_PRESENTATION = "NON_PRESENTATION"
    SANS_REPONSE = "SANS_REPONSE"
    ANNULEE = "ANNULEE"


class Evenement(StrEnum):
    PROPOSER = "proposer"
    ACCUSER = "accuser"
    METTRE_EN_ATTENTE = "mettre-en-attente"
    PREADMISSION = "preadmission"
    ACCEPTER = "accepter"
    REFUSER_STRUCTURE = "refuser-structure"
    REFUSER_PERSONNE = "refuser-personne"
    ABSENCE = "absence"
    CONSTATER_LE_SILENCE = "constater-le-silence"
    ANNULER = "annuler"
    ADMETTRE = "admettre"
    ADMETTRE_SANS_SIAO = "admettre-sans-siao"
    ENTRER = "entrer"
    PROLONGER = "prolonger"
    PREVOIR_LA_SORTIE = "prevoir-la-sortie"
    SORTIR = "sortir"
    ACCOMPAGNER = "accompagner"


REFUS: Mapping[AuteurRefus, Evenement] = {
    AuteurRefus.STRUCTURE: Evenement.REFUSER_STRUCTURE,
    AuteurRefus.PERSONNE: Evenement.REFUSER_PERSONNE,
    AuteurRefus.AUTRE: Evenement.ABSENCE,
}
"""Transition that a refusal makes, by who refuses. `AUTRE` stands for an absent or unreachable household, and
counts as a no-show."""


def refus(contrat: OrientationRefusee, today: date) -> Evenement:
    """Return the transition that a refusal makes in a referral. The message's field `auteur` decides: the
    structure refuses, the household refuses, or neither does (a no-show). If the motive is
    `ERREUR_ORIENTATION`, a referral made by mistake, the refusal always counts as the structure's. `today` is
    not used."""
    by_mistake = contrat.motif is MotifRefus.ERREUR_ORIENTATION
    return Evenement.REFUSER_STRUCTURE if by_mistake else REFUS[contrat.auteur]


def sortie(contrat: SortieDeclaree, today: date) -> Evenement:
    """Return the transition that the report of a departure makes. If the day of the departure is after
    `today`, the departure only counts as announced."""
    return Evenement.PREVOIR_LA_SORTIE if contrat.sortie_le > today else Evenement.SORTIR


OUVERTES = (Etat.PROPOSEE, Etat.ACCUSEE, Etat.EN_ATTENTE, Etat.PREADMISSION)
ATTENDUES = (*OUVERTES, Etat.ACCEPTEE, Etat.ADMISE)
"""States in which somebody still has to act."""
PROMISES = (Etat.ACCEPTEE, Etat.ADMISE)
"""States in which the structure keeps the place for the household."""
ADMISES = (Etat.ADMISE, Etat.ENTREE, Etat.SORTIE)
"""States after the admission: the structure may then read more (`apres_admission` of the privacy matrix)."""
FINIES_SANS_ENTREE = (
    Etat.REFUS_STRUCTURE,
    Etat.REFUS_PERSONNE,
    Etat.NON_PRESENTATION,
    Etat.SANS_REPONSE,
    Etat.ANNULEE,
)
"""States of a referral that ended without an arrival: the SIAO has to find another place."""

MACHINE = Machine(
    table={
        **transitions(
            (Evenement.PROPOSER, Etat.PROPOSEE, (None,)),
            (Evenement.ACCUSER, Etat.ACCUSEE, (Etat.PROPOSEE,)),
            (Evenement.METTRE_EN_ATTENTE, Etat.EN_ATTENTE, (Etat.PROPOSEE, Etat.ACCUSEE, Etat.PREADMISSION)),
            (Evenement.PREADMISSION, Etat.PREADMISSION, OUVERTES),
            (Evenement.ACCEPTER, Etat.ACCEPTEE, OUVERTES),
            (Evenement.ADMETTRE, Etat.ADMISE, (*OUVERTES, Etat.ACCEPTEE)),
            (Evenement.ADMETTRE_SANS_SIAO, Etat.ENTREE, (None, Etat.ENTREE)),
            (Evenement.ENTRER, Etat.ENTREE, ATTENDUES),
            (Evenement.PROLONGER, Etat.ENTREE, (Etat.ENTREE,)),
            (Evenement.PREVOIR_LA_SORTIE, Etat.ENTREE, (Etat.ENTREE,)),
            (Evenement.SORTIR, Etat.SORTIE, (Etat.ENTREE,)),
            (Evenement.REFUSER_STRUCTURE, Etat.REFUS_STRUCTURE, (*OUVERTES, Etat.ACCEPTEE)),
            (Evenement.REFUSER_PERSONNE, Etat.REFUS_PERSONNE, ATTENDUES),
            (Evenement.ABSENCE, Etat.NON_PRESENTATION, ATTENDUES),
            (Evenement.CONSTATER_LE_SILENCE, Etat.SANS_REPONSE, OUVERTES),
            (Evenement.ANNULER, Etat.ANNULEE, ATTENDUES),
        ),
        **{(etat, Evenement.ACCOMPAGNER): etat for etat in (*ATTENDUES, Etat.ENTREE, Etat.SORTIE)},
    },
    way=(*ATTENDUES, Etat.ENTREE, Etat.SORTIE),
    early=frozenset(OUVERTES),
    awaited=ATTENDUES,
    set_aside=FINIES_SANS_ENTREE,
)
