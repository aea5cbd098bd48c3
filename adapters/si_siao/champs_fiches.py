"""Elements of SI-SIAO's own API. Version 3.43 (May 2022) renamed some of them: the hub reads both the old and
the new names.

The dialect's page (`docs/dialectes/si_siao_fiches.md`) says which elements are known from the real API, and
which are assumed.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from adapters import valeurs
from adapters.objets import Champ, Objet
from adapters.rejets import Illisible, listed, unknown_code
from adapters.si_siao.champs import ORIENTATION_DITE, PLACE_CITEE
from adapters.si_siao.valeurs import coded, number_id
from adapters.valeurs import Lire
from adapters.vocabulaire import fold
from contracts.base import Nature
from contracts.mots import ETATS
from contracts.reference.codes import Dispositif, listes

SEXES = {"FEMME": "F", "HOMME": "M"}
VIOLENCES = ("violences.fiche", "violences.demande", "violences.diagnostic")
"""Paths at which the API's versions say whether the household flees violence. A yes at any of them counts."""
NO_INCOME = ("sans_ressource", "sans_ressource.avant")
SECOND_DIGITS = 14
"""Number of digits in a date and time that is written to the second (aaaa-mm-jjThh:mm:ss)."""
ORIENTATIONS, PRET = "orientations", "pretLogement"
"""Elements of a document about a demand: the demand's referrals, and the declaration that its household is
ready for housing."""


def _sex(value: Any) -> str | None:
    if value in ("NR", "NON_RENSEIGNE"):
        return None
    if value not in SEXES:
        raise Illisible("code_inconnu", unknown_code(listed(list(SEXES))))
    return SEXES[value]


def _day(value: Any) -> object:
    return valeurs.day(value[:10] if isinstance(value, str) and value[10:11] == "T" else value)


def _moment(value: Any) -> str | None:
    """Return the digits of a moment, down to the second. Two spellings of one moment then become equal.
    Return None for a value that is no text."""
    return re.sub(r"[^0-9]", "", value)[:SECOND_DIGITS] if isinstance(value, str) else None


def _without(value: Any) -> bool | None:
    """Return whether the household is without income: the opposite of the value of SI-SIAO's field
    `avecRessource`. Return None if the value means «unknown»."""
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


class EtatDemande(StrEnum):
    """States of a demand, in SI-SIAO's own words."""

    A_COMPLETER = "à compléter"
    A_METTRE_A_JOUR = "à mettre à jour"
    ANNULEE = "annulée"
    REACTIVEE = "réactivée"
    TRANSFEREE = "transférée"
    TRANSMISE = "transmise à l'opérateur"


PRECONISATIONS: Mapping[str, Dispositif] = {
    "100": Dispositif.URGENCE,
    **dict.fromkeys(("200", "300", "400", "500", "600", "2001"), Dispositif.INSERTION),
    **dict.fromkeys(("800", "900", "1100", "2002"), Dispositif.LOGEMENT_ACCOMPAGNE),
    "1000": Dispositif.LOGEMENT,
}
"""Kind of offer that the hub reads for codes of the SI-SIAO list `typesEtablissementUn` (assumed). A code
that is missing here means something that no SIAO offers."""


def word_of(state: Any) -> str:
    """Return the label of a SI-SIAO state in lower case, without accents; "" if there is no state. `state`: the
    label itself, or an object with its `libelle`."""
    return fold(str((state.get("libelle") if isinstance(state, dict) else state) or ""))


def _etat(value: Any) -> EtatDemande:
    for etat in EtatDemande:
        if fold(etat) == word_of(value):
            return etat
    raise Illisible("code_inconnu", unknown_code(listed(list(EtatDemande))))


def _preconised_if_known(value: Any) -> Dispositif | None:
    return PRECONISATIONS.get(coded(value) or "")


def _preconised(value: Any) -> Dispositif | None:
    code, known = coded(value), listes()["typesEtablissementUn"]
    if code is not None and code not in known:
        raise Illisible("code_inconnu", unknown_code(listed(known)))
    return _preconised_if_known(value)


CITEE = Objet(
    {"identifiantExterne": Champ("demande", valeurs.our_id, "UUID de la demande, donné par le hub")},
    ferme=False,
)


def _preconisations(lire: Lire) -> Objet:
    aide = "liste « typesEtablissementUn » ; la première dite compte"
    typed = {"typeEtablissementUn": Champ("dispositif", lire, aide)}
    return Objet(typed, cible="preconisations", liste=True, ferme=False)


DEMANDE_DITE = Objet(
    {
        **CITEE.champs,
        "etat": Champ("etat", _etat, f"état de la demande : {', '.join(EtatDemande)}"),
        "dateModification": DEMANDE.champs["dateModification"],
        "preconisations": _preconisations(_preconised),
        "motifAnnulation": Champ("motif", coded, "RENONCIATION, AUTRE_SOLUTION, SANS_NOUVELLES…"),
        "siaoDestinataire": Objet(
            {
                "territoire": Objet(
                    {"codeDepartement": Champ("territoire", valeurs.departement, "département, 062 admis")},
                    ferme=False,
                )
            },
            ferme=False,
        ),
    },
    ferme=False,
)
"""Fields of a demand that a partner sent through the hub. The field `etat` has the demand's state."""
MODIFIEE = Objet(
    {"demandeInsertion": Objet({"dateModification": Champ("modifiee", _moment, "moment")}, ferme=False)},
    ferme=False,
)
"""Field table for a single value, the moment of the demand's last change. By it, the hub recognises a new
proposal to transfer the demand."""
DEMANDE_ORIENTEE = Objet(
    {**DEMANDE.champs, **CITEE.champs, "preconisations": _preconisations(_preconised_if_known)}, ferme=False
)
"""Fields of the demand to which a referral belongs. The field `preconisations` may be missing, or have a code
that the hub does not know."""
ETATS_ORIENTATION: Mapping[str, str] = {fold(code): code for code in ETATS[Nature.ORIENTATION]}
"""Known states of a referral, by their code in lower case without accents."""


def _said_ready(value: Any) -> None:
    """Raise Illisible if the element `pretLogement` is no object. Any object there, even an empty one,
    declares the household ready for housing."""
    if not isinstance(value, dict):
        raise Illisible("type_inattendu", "écrivez un objet, ou ôtez-le : le ménage n'est pas déclaré prêt")


def _etat_orientation(value: Any) -> None:
    if word_of(value) not in ETATS_ORIENTATION:
        raise Illisible("code_inconnu", unknown_code(listed([*ETATS_ORIENTATION.values()])))


ORIENTATION_LUE = Objet(
    {
        **ORIENTATION_DITE.champs,
        "etat": Champ("etat", _etat_orientation, "PROPOSEE, ANNULEE, ou l'état de la réponse"),
        "place": PLACE_CITEE,
    },
    ferme=False,
)
"""Fields of a referral that the hub reads from SI-SIAO. They have the names that the hub uses when it writes
a referral for SI-SIAO."""
DOCUMENT = Objet(
    {
        "ficheSynthese": FICHE,
        "demandeInsertion": DEMANDE,
        "situationParRapportAuLogement": LOGEMENT,
        "diagnosticSocial": DIAGNOSTIC,
    },
    ignores=frozenset({"type", ORIENTATIONS, PRET}),
)
DOCUMENT_DU_PRET = replace(DOCUMENT, champs={**DOCUMENT.champs, PRET: Champ(PRET, _said_ready, "objet")})
"""Field table for a document that declares a household ready for housing."""
