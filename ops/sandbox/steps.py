"""Say which steps the simulated partners of a sandbox may take in which state, and which step is the
default."""

from collections.abc import Mapping
from enum import StrEnum

from router.domain.rulebooks import pret_logement
from router.domain.rulebooks.demande import A_EVALUER, OUVERTES, SANS_PLACE, Etat
from router.domain.subjects import Demande


class Pas(StrEnum):
    """A step that the simulated SIAO or shelter takes with a partner's demand. Each step sends the partner a
    message, and is named after it."""

    EVALUATION_DEMANDEE = "EVALUATION_DEMANDEE"
    EVALUEE = "EVALUEE"
    NON_POURVUE = "NON_POURVUE"
    ORIENTEE = "ORIENTEE"
    EN_ATTENTE = "EN_ATTENTE"
    POURVUE = "POURVUE"
    ANNULEE = "ANNULEE"


POSSIBLE: Mapping[Pas, tuple[Etat, ...]] = {
    Pas.EVALUATION_DEMANDEE: OUVERTES,
    Pas.EVALUEE: A_EVALUER,
    Pas.NON_POURVUE: SANS_PLACE,
    Pas.ORIENTEE: SANS_PLACE,
    Pas.EN_ATTENTE: (Etat.ORIENTEE,),
    Pas.POURVUE: (Etat.ORIENTEE,),
    Pas.ANNULEE: OUVERTES,
}
"""The states of a demand in which each step is possible."""
WAY = (Pas.EVALUEE, Pas.ORIENTEE, Pas.POURVUE)
"""The default steps with a demand, in order, until the arrival of the household."""


def next_step(etat: Etat) -> Pas | None:
    """Return the step that the simulated SIAO or shelter takes with a demand in the state `etat`, if the
    partner has not chosen one. Return None if the demand is closed."""
    return next((pas for pas in WAY if etat in POSSIBLE[pas]), None)


class PasTransfert(StrEnum):
    """A step of a sandbox in which a SIAO tests its software. With each step, the simulated 115 or the
    simulated SIAO sends the tester a message. `RECUE` brings the tester a demand. `TRANSFEREE` proposes to
    transfer a demand to the tester, and `RETIRE` withdraws this proposal. `ACCEPTE` and `REFUSE` answer a
    proposal of the tester."""

    RECUE = "RECUE"
    TRANSFEREE = "TRANSFEREE"
    ACCEPTE = "ACCEPTE"
    REFUSE = "REFUSE"
    RETIRE = "RETIRE"


NEW = (PasTransfert.TRANSFEREE, PasTransfert.RECUE)
"""The steps that bring a made-up household, the default step first."""
OF_OURS, OF_THEIRS = (PasTransfert.ACCEPTE, PasTransfert.REFUSE), (PasTransfert.RETIRE,)
"""The steps of the simulated SIAO in a transfer that has been proposed. `OF_OURS` has its answers to the
partner's proposal, `OF_THEIRS` the withdrawal of its own proposal."""


def steps_of_transfer(known: Demande, siao: str) -> tuple[PasTransfert, ...]:
    """Return the steps that the simulated SIAO with the id `siao` may take next in the transfer of the demand
    `known`. The default step comes first; the result is empty if no step is possible."""
    if known.etat not in OUVERTES:
        return ()
    if known.transfert_le is None:
        return (PasTransfert.TRANSFEREE,) if known.destinataire == siao else ()
    return OF_THEIRS if known.destinataire == siao else OF_OURS


class PasListe(StrEnum):
    """A step that the simulated SIAO takes with a made-up household ready for housing. Each step sends the
    readers of the list a message, and is named after it."""

    DECLARE = "DECLARE"
    ACTUALISE = "ACTUALISE"
    RETIRE = "RETIRE"


NEXT_ON_LIST: Mapping[pret_logement.Etat | None, PasListe] = {
    **dict.fromkeys(pret_logement.SUR_LA_LISTE, PasListe.RETIRE),
    pret_logement.Etat.DECLARE: PasListe.ACTUALISE,
}
"""The next step with a household on a list, by its state. The household is updated once, then withdrawn."""
