"""Prison probation as JSON (profil supposé): one event or an array of them.

Decodes people who are about to leave prison; encodes what became of their demands. What somebody was convicted of has
no field (GDPR art. 10), nor has free text: a message with either is refused.
"""

from collections.abc import Sequence

from adapters import valeurs
from adapters.declaration import Declaration
from adapters.demande import DEMANDE
from adapters.evenements import by_short_name, single
from adapters.menage import MENAGE
from adapters.messages import ENTETE, Dialecte, decode_messages, encode_message
from adapters.objets import Champ, Objet
from contracts.base import Nature
from contracts.envelope import Envelope
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Native, View
from contracts.v1 import demande

CLE = "idEvenement"

ENTRANTS = by_short_name(demande.DemandeRecue, demande.DemandeActualisee, demande.DemandeAnnulee)
SORTANTS = by_short_name(demande.EvaluationDemandee, demande.DemandeNonPourvue, demande.DemandeSuite)

SANS_OBJET = {"situation", "motif", "victimeDeViolences"}
"""What is said of everybody who leaves prison, or that a probation service does not tell."""

EVENEMENT = Objet(
    {
        "version": DEMANDE["version"],
        "suivi": Champ("demande", valeurs.their_id(Nature.DEMANDE), "votre identifiant du suivi"),
        "dateSortie": Champ("sortie_le", valeurs.day, "date de sortie prévue"),
        "dispositif": DEMANDE["dispositif"],
        "communeSouhaitee": Champ("commune", valeurs.commune, "code commune INSEE où la personne veut vivre"),
        "menage": Objet({name: champ for name, champ in MENAGE.items() if name not in SANS_OBJET}, "menage"),
        **{name: DEMANDE[name] for name in ("methode", "avantLe", "nuitDu", "motif", "suite")},
    },
    ignores=(ENTETE | {CLE}) - {"commentaire"},
)

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT)

DECLARATION = Declaration(
    nom="spip_json",
    familles=(Famille.SPIP,),
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
