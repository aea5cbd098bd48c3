"""Dialect of prison probation in JSON (format assumed by the hub).

Decodes demands for people about to leave prison, and evaluations. Encodes the outcome of the demands, and
requests for an evaluation. It has no field for convictions (GDPR art. 10), or for free text.
"""

from adapters import valeurs
from adapters.demande import DEMANDE, EVALUATION
from adapters.evenements import by_short_name
from adapters.menage import MENAGE
from adapters.messages import ENTETE, Dialecte
from adapters.objets import Champ, Objet
from contracts.base import Nature
from contracts.partner import Famille
from contracts.v1 import demande

CLE = "idEvenement"

ENTRANTS = by_short_name(
    demande.DemandeRecue, demande.DemandeActualisee, demande.DemandeAnnulee, demande.EvaluationRealisee
)
SORTANTS = by_short_name(
    demande.EvaluationDemandee,
    demande.DemandeNonPourvue,
    demande.DemandeSuite,
    demande.DemandePlaceTrouvee,
)

SANS_OBJET = {"situation", "motif", "victimeDeViolences"}
"""Fields of a household that this dialect leaves out. Their values would be the same for everybody who leaves
prison, or must not be revealed."""

EVENEMENT = Objet(
    {
        "version": DEMANDE["version"],
        "suivi": Champ("demande", valeurs.their_id(Nature.DEMANDE), "votre identifiant du suivi"),
        "dateSortie": Champ("sortie_le", valeurs.day, "date de sortie prévue"),
        "dispositif": DEMANDE["dispositif"],
        "communeSouhaitee": Champ("commune", valeurs.commune, "code commune INSEE où la personne veut vivre"),
        "menage": Objet({name: champ for name, champ in MENAGE.items() if name not in SANS_OBJET}, "menage"),
        "structure": Champ("structure", valeurs.text, "FINESS ou SIRET où la personne est attendue"),
        "presentationLe": Champ("presentation_le", valeurs.day, "jour où elle y est attendue"),
        **{name: champ for name, champ in EVALUATION.items() if name not in ("demande", "evaluateur")},
        **{name: DEMANDE[name] for name in ("nuitDu", "motif", "suite")},
    },
    ignores=(ENTETE | {CLE}) - {"commentaire"},
)

DIALECTE = Dialecte.of(CLE, ENTRANTS, SORTANTS, EVENEMENT)

DECLARATION = DIALECTE.declared("spip_json", Famille.SPIP)
decode, encode = DIALECTE.decode, DIALECTE.encode
