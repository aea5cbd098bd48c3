"""The prefect's reserved housing as JSON (profil supposé): one event or an array of them.

Decodes what becomes of candidacies on the contingent; encodes them, and the live list of households that are ready for
housing: each change at once. A household is cited by our id, in each message of the list.
"""

from collections.abc import Sequence

from adapters import valeurs
from adapters.candidature import CANDIDATURE
from adapters.declaration import Declaration
from adapters.evenements import by_short_name, single
from adapters.menage import MENAGE
from adapters.messages import ENTETE, Dialecte, decode_messages, encode_message
from adapters.objets import Champ, Objet
from contracts.envelope import Envelope
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Native, View
from contracts.v1 import attribution, pret_logement

CLE = "idEvenement"

ENTRANTS = by_short_name(
    attribution.CandidatureAccusee,
    attribution.CandidatureInscrite,
    attribution.EligibiliteReconnue,
    attribution.InstanceAvis,
    attribution.DesignationContingent,
    attribution.DecisionCommission,
    attribution.RadiationSne,
    attribution.RadiationAnnulee,
)
SORTANTS = by_short_name(
    attribution.CandidaturePresentee,
    attribution.CandidatureRetiree,
    pret_logement.PretLogementDeclare,
    pret_logement.PretLogementActualise,
    pret_logement.PretLogementRetire,
)

LISTE = Objet(
    {
        "version": CANDIDATURE["version"],
        "menage": Objet(MENAGE, "menage"),
        "departement": Champ("departement", valeurs.departement, "département du périmètre"),
        "communes": Champ(
            "communes", valeurs.several(valeurs.commune), "communes souhaitées ; absent : toutes"
        ),
        "evalueeLe": Champ("evaluee_le", valeurs.day, "date à laquelle le ménage a été dit prêt"),
        "accompagnement": Champ("accompagnement", valeurs.code, "code SI-SIAO « mesureAccompagnement »"),
        "syplo": Champ("syplo", valeurs.code, "INSCRIT, NON_INSCRIT ou NE_RELEVE_PAS"),
        "dalo": Champ("dalo", valeurs.code, "NON, ACTIF, CADUC ou ACTREL"),
    }
)
RETRAIT = Objet(
    {
        "version": CANDIDATURE["version"],
        "menage": Objet({"id": Champ("menage", valeurs.our_id, "UUID du ménage, donné par le hub")}),
        "motif": Champ("motif", valeurs.code, "pourquoi le ménage quitte la liste"),
    }
)
EVENEMENT = Objet(CANDIDATURE, ignores=ENTETE | {CLE})
OF_THE_LIST = {
    pret_logement.PretLogementDeclare.NOM: LISTE,
    pret_logement.PretLogementActualise.NOM: LISTE,
    pret_logement.PretLogementRetire.NOM: RETRAIT,
}

DIALECTE = Dialecte(
    CLE,
    ENTRANTS,
    SORTANTS,
    tables={n: OF_THE_LIST.get(n, EVENEMENT).narrowed(c) for n, c in {**ENTRANTS, **SORTANTS}.items()},
    citants=(EVENEMENT,),
)

DECLARATION = Declaration(
    nom="contingent_json",
    familles=(Famille.CONTINGENT,),
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
    """Write a candidacy, or a change of the live list; see `Adapter.encode`."""
    return encode_message(single(envelopes), view, DIALECTE)
