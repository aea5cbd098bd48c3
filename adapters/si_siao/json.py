"""SI-SIAO as JSON: the national software's habits [réel] in messages of our own design (profil supposé).

Decodes what the SIAO sends (orientation.proposee, orientation.annulee, candidature.presentee,
candidature.retiree); encodes everything that happens to places, referrals and candidacies, and the alerts.
SI-SIAO's integer ids come in as references and go out as integers; places are cited by our UUID.
"""

from collections.abc import Mapping, Sequence

from adapters.declaration import Declaration
from adapters.evenements import by_short_name, single
from adapters.messages import Dialecte, decode_messages, encode_message
from adapters.objets import Objet
from adapters.si_siao.champs import ALERTE, ATTRIBUTION, CLE, GROUPES, OFFRE, ORIENTATION
from contracts.base import Contrat
from contracts.envelope import Envelope
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Native, View
from contracts.v1 import CONTRATS, attribution, orientation, place

ENTRANTS = by_short_name(
    orientation.OrientationProposee,
    orientation.OrientationAnnulee,
    attribution.CandidaturePresentee,
    attribution.CandidatureRetiree,
)
TABLES: Mapping[str, Objet] = {
    "offre": OFFRE,
    "orientation": ORIENTATION,
    "attribution": ATTRIBUTION,
    "alerte": ALERTE,
}
"""Table of each domain of events."""


def _table(contrat: type[Contrat]) -> Objet:
    if contrat is place.GroupePlacesModifie:
        return GROUPES.narrowed(contrat)
    return TABLES[contrat.DOMAINE].narrowed(contrat)


_CARRIED = [contrat for contrat in CONTRATS.values() if contrat.DOMAINE in TABLES]
SORTANTS = by_short_name(*(contrat for contrat in _CARRIED if contrat.NOM not in ENTRANTS))

DIALECTE = Dialecte(
    CLE,
    ENTRANTS,
    SORTANTS,
    tables={contrat.NOM: _table(contrat) for contrat in _CARRIED},
    citants=(ORIENTATION, ATTRIBUTION),
)

DECLARATION = Declaration(
    nom="si_siao_json",
    familles=(Famille.SIAO,),
    lit=tuple(ENTRANTS.values()),
    ecrit=tuple(SORTANTS.values()),
    formats_lus=("json",),
    formats_ecrits=("json",),
    lit_plusieurs=True,
    ecrit_au_plus=1,
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Read one message or an array of them; see `Adapter.decode`."""
    return decode_messages(native, partner, DIALECTE)


def encode(envelopes: Sequence[Envelope], view: View) -> Native:
    """Write what became of a place, a referral or a candidacy; see `Adapter.encode`."""
    return encode_message(single(envelopes), view, DIALECTE)
