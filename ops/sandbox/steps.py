"""Steps of the simulated partners of a sandbox with a demand, with its transfer, or with a household on a list.
Pure."""

from collections.abc import Mapping
from enum import StrEnum

from router.domain.rulebooks import pret_logement
from router.domain.rulebooks.demande import A_EVALUER, OUVERTES, SANS_PLACE, Etat
from router.domain.subjects import Demande


class Pas(StrEnum):
    """Step of the simulated SIAO with a demand. It is named after the message that the demand's sender
    receives."""

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
"""For each step: the states of a demand in which the step is possible."""
WAY = (Pas.EVALUEE, Pas.ORIENTEE, Pas.POURVUE)
"""Steps that a sandbox takes with a demand by default, in order. After the last step, the household has
arrived in a place."""


def next_step(etat: Etat) -> Pas | None:
    """Return the step that is taken by default in this state of a demand; None if the demand is closed."""
    return next((pas for pas in WAY if etat in POSSIBLE[pas]), None)


class PasTransfert(StrEnum):
    """Step by which the sandbox of a SIAO simulates its partners. The 115 sends it a demand. Or a
    neighbouring SIAO proposes the transfer of a demand, takes its proposal back, or answers a proposal of the
    SIAO. The step is named after the message that the SIAO receives."""

    RECUE = "RECUE"
    TRANSFEREE = "TRANSFEREE"
    ACCEPTE = "ACCEPTE"
    REFUSE = "REFUSE"
    RETIRE = "RETIRE"


NEW = (PasTransfert.TRANSFEREE, PasTransfert.RECUE)
"""Steps that bring the SIAO a made-up household: as a proposed transfer (the default), or from the 115."""
OF_OURS, OF_THEIRS = (PasTransfert.ACCEPTE, PasTransfert.REFUSE), (PasTransfert.RETIRE,)
"""Steps of the simulated SIAO: its answers to a transfer proposed by the partner, and the withdrawal of a
transfer that it proposed itself."""


def steps_of_transfer(known: Demande, siao: str) -> tuple[PasTransfert, ...]:
    """Return the steps that the simulated SIAO `siao` can take in the transfer of a demand, the default step
    first."""
    if known.etat not in OUVERTES:
        return ()
    if known.transfert_le is None:
        return (PasTransfert.TRANSFEREE,) if known.destinataire == siao else ()
    return OF_THEIRS if known.destinataire == siao else OF_OURS


class PasListe(StrEnum):
    """Step that a sandbox takes with a made-up household ready for housing. It is named after the message
    that the prefect's services receive."""

    DECLARE = "DECLARE"
    ACTUALISE = "ACTUALISE"
    RETIRE = "RETIRE"


NEXT_ON_LIST: Mapping[pret_logement.Etat | None, PasListe] = {
    **dict.fromkeys(pret_logement.SUR_LA_LISTE, PasListe.RETIRE),
    pret_logement.Etat.DECLARE: PasListe.ACTUALISE,
}
"""Next step with a household on the list of households ready for housing, by the household's state. A household
is updated once, then removed from the list."""
