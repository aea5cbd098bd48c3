"""Fields of a household ready for housing, for the JSON dialects designed by the hub."""

from collections.abc import Mapping

from adapters import valeurs
from adapters.evaluation import EVALUATION
from adapters.menage import MENAGE
from adapters.messages import ENTETE
from adapters.objets import Champ, Objet
from contracts.base import Nature
from contracts.v1.pret_logement import PretLogementDeclare, PretLogementRepondu, PretLogementRetire

VERSION = Champ("version", valeurs.whole_number, "votre numéro de version du ménage ; le plus haut l'emporte")
PRET: Mapping[str, Champ | Objet] = {
    "version": VERSION,
    "menage": Objet(MENAGE, "menage"),
    "departement": Champ("departement", valeurs.departement, "département du périmètre"),
    "communes": Champ("communes", valeurs.several(valeurs.commune), "communes souhaitées ; absent : toutes"),
    "evalueeLe": Champ("evaluee_le", valeurs.day, "date à laquelle le ménage a été jugé prêt"),
    "accompagnement": Champ("accompagnement", valeurs.code, "code SI-SIAO « mesureAccompagnement »"),
    "syplo": Champ("syplo", valeurs.code, "INSCRIT, NON_INSCRIT ou NE_RELEVE_PAS"),
    "dalo": Champ("dalo", valeurs.code, "NON, ACTIF, CADUC ou ACTREL"),
    "evaluation": EVALUATION,
}
RETRAIT: Mapping[str, Champ | Objet] = {
    "version": VERSION,
    "menage": Objet({"id": Champ("menage", valeurs.their_id(Nature.MENAGE), "votre identifiant du ménage")}),
    "motif": Champ("motif", valeurs.code, "pourquoi il n'est plus prêt"),
}
REPONSE = Objet(
    {
        "menage": Objet({"id": Champ("menage", None, "votre identifiant du ménage")}),
        "reponse": Champ("reponse", None, "CONFIRMEE : il est sur la liste ; ou REFUSEE"),
        "motifRefus": Champ("motif_refus", None, "avec REFUSEE : pourquoi"),
    }
)


def of_declarations(cle: str) -> Mapping[str, Objet]:
    """Return the field tables, by short name, of the three messages by which a household is declared ready
    for housing: the declaration, its withdrawal, and the answer. `cle`: the name of the field with the event
    id."""
    return {
        PretLogementDeclare.NOM: Objet(PRET, ignores=ENTETE | {cle}),
        PretLogementRetire.NOM: Objet(RETRAIT, ignores=ENTETE | {cle}),
        PretLogementRepondu.NOM: REPONSE,
    }
