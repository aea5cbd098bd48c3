"""CIL (Action Logement) as JSON (profil supposé), candidate by candidate: one event or an array of them.

Decodes what becomes of a candidacy; encodes candidature.presentee and candidature.retiree. A candidacy is cited by our
id.
"""

from collections.abc import Sequence

from adapters.candidature import CANDIDATURE
from adapters.declaration import Declaration
from adapters.evenements import by_short_name, single
from adapters.messages import ENTETE, Dialecte, decode_messages, encode_message
from adapters.objets import Objet
from contracts.envelope import Envelope
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Native, View
from contracts.v1 import attribution

CLE = "idEvenement"

ENTRANTS = by_short_name(
    attribution.CandidatureAccusee,
    attribution.CandidatureInscrite,
    attribution.DecisionCommission,
    attribution.ConditionLevee,
    attribution.PropositionAcceptee,
    attribution.PropositionRefusee,
    attribution.BailSigne,
)
SORTANTS = by_short_name(attribution.CandidaturePresentee, attribution.CandidatureRetiree)

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, Objet(CANDIDATURE, ignores=ENTETE | {CLE}))

DECLARATION = Declaration(
    nom="action_logement_json",
    familles=(Famille.CIL, Famille.COLLECTIVITE),
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
    """Write a candidacy or its withdrawal; see `Adapter.encode`."""
    return encode_message(single(envelopes), view, DIALECTE)
