"""Elements of SI-SIAO's own API. It renamed some in version 3.43 (May 2022): both names are read."""

from typing import Any

from adapters import valeurs
from adapters.objets import Champ, Objet
from adapters.rejets import Illisible, listed, unknown_code
from adapters.si_siao.valeurs import coded, number_id
from contracts.base import Nature

SEXES = {"FEMME": "F", "HOMME": "M"}
VIOLENCES = ("violences.fiche", "violences.demande", "violences.diagnostic")
"""Internal names of the mark of violence, one for each object that may hold it. The API moved it between objects,
and a yes in any of them counts."""
NO_INCOME = ("sans_ressource", "sans_ressource.avant")


def _sex(value: Any) -> str | None:
    if value in ("NR", "NON_RENSEIGNE"):
        return None
    if value not in SEXES:
        raise Illisible("code_inconnu", unknown_code(listed(list(SEXES))))
    return SEXES[value]


def _day(value: Any) -> object:
    """Return the day of a date that is written with or without a time."""
    return valeurs.day(value[:10] if isinstance(value, str) and value[10:11] == "T" else value)


def _without(value: Any) -> bool | None:
    """Return the contrary of a yes or no: the field `avecRessource` replaced `sansRessource`."""
    said = valeurs.tri_state(value)
    return None if said is None else not said


def _violences(where: str) -> dict[str, Champ]:
    champ = Champ(f"violences.{where}", valeurs.tri_state, "OUI, NON, ou un code pour « inconnu »")
    return {"victimeviolence": champ, "victimeViolence": champ}


NAISSANCE = Champ("date_naissance", valeurs.day_or_month, "date ; mm/aaaa si le jour est inconnu")
PERSONNES = Objet(
    {
        "nom": Champ("nom", valeurs.text, "nom"),
        "prenom": Champ("prenom", valeurs.text, "prénom"),
        "dateNaissance": NAISSANCE,
        "datenaissance": NAISSANCE,
        "sexe": Champ("sexe", _sex, "FEMME ou HOMME"),
    },
    cible="menage.personnes",
    liste=True,
    ferme=False,
)
FICHE = Objet(
    {
        "id": Champ("menage.id", number_id(Nature.MENAGE), "identifiant entier de la fiche groupe"),
        "composition": Champ("menage.composition", coded, "liste « compositions »"),
        "personnes": PERSONNES,
        **_violences("fiche"),
    },
    ferme=False,
)
TERRITOIRE = Objet(
    {"codeDepartement": Champ("departement", valeurs.departement, "département, 075 admis")}, ferme=False
)
DEMANDE = Objet(
    {
        "situationDemande": Champ("menage.situation", coded, "liste « situationDemandes »"),
        "motifDemande": Champ("menage.motif", coded, "liste « motifDemandes »"),
        "dateModification": Champ("evaluee_le", _day, "jour de la dernière mise à jour de la demande"),
        "siao": Objet({"territoire": TERRITOIRE}, ferme=False),
        **_violences("demande"),
    },
    ferme=False,
)
NUMERO = Champ("menage.numero_unique", valeurs.code, "numéro unique, 18 caractères")
LOGEMENT = Objet(
    {
        "numerosUniqueLogementSocial": Objet({"numeroUnique": NUMERO}, ferme=False),
        "inscriptionSYPLO": Champ("syplo", coded, "INSCRIT, NON_INSCRIT ou NE_RELEVE_PAS"),
    },
    ferme=False,
)
DIAGNOSTIC = Objet(
    {
        "sansRessource": Champ("sans_ressource.avant", valeurs.tri_state, "avant 3.43"),
        "avecRessource": Champ("sans_ressource", _without, "depuis 3.43 : le contraire"),
        **_violences("diagnostic"),
    },
    ferme=False,
)
DOCUMENT = Objet(
    {
        "ficheSynthese": FICHE,
        "demandeInsertion": DEMANDE,
        "situationParRapportAuLogement": LOGEMENT,
        "diagnosticSocial": DIAGNOSTIC,
    },
    ignores=frozenset({"type"}),
)
