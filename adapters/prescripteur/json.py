"""Prescripteurs as JSON (profil supposé): one event or an array of them.

Decodes demands, what completes them, and evaluations; encodes what became of the prescripteur's own people. A demand
and a household are cited by the sender's own ids, in both directions.
"""

from collections.abc import Sequence

from adapters.declaration import Declaration
from adapters.demande import DEMANDE, SIGNALEMENT
from adapters.evenements import by_short_name, single
from adapters.messages import ENTETE, Dialecte, decode_messages, encode_message
from adapters.objets import Objet
from contracts.envelope import Envelope
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Native, View
from contracts.v1 import demande

CLE = "idEvenement"

ENTRANTS = by_short_name(
    demande.SignalementRecu,
    demande.DemandeRecue,
    demande.DemandeCompletee,
    demande.DemandeActualisee,
    demande.DemandeAnnulee,
    demande.EvaluationRealisee,
)
SORTANTS = by_short_name(demande.EvaluationDemandee, demande.DemandeNonPourvue, demande.DemandeSuite)

EVENEMENT = Objet({**SIGNALEMENT, **DEMANDE}, ignores=ENTETE | {CLE})

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT)

DECLARATION = Declaration(
    nom="prescripteur_json",
    familles=(Famille.PRESCRIPTEUR, Famille.ARS, Famille.ASILE),
    lit=tuple(ENTRANTS.values()),
    ecrit=tuple(SORTANTS.values()),
    formats_lus=("json",),
    formats_ecrits=("json",),
    lit_plusieurs=True,
    ecrit_au_plus=1,
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Read one event or an array of them; see `Adapter.decode`."""
    return decode_messages(native, partner, DIALECTE)


def encode(envelopes: Sequence[Envelope], view: View) -> Native:
    """Write what became of a demand; see `Adapter.encode`."""
    return encode_message(single(envelopes), view, DIALECTE)
