"""Shelter software as JSON (profil supposé): one event or an array of them, a flat object each.

Decodes places (place.*, groupe-places.modifie) and all that answers a referral; encodes orientation.proposee
and orientation.annulee. A place is cited by the sender's own id, a referral by the UUID that we sent.
"""

from collections.abc import Mapping, Sequence

from adapters import valeurs
from adapters.declaration import Declaration
from adapters.evenements import by_short_name, single
from adapters.messages import ENTETE, Dialecte, decode_messages, encode_message
from adapters.objets import Champ, Objet
from contracts.base import Nature
from contracts.envelope import Envelope
from contracts.partner import Famille, Partner
from contracts.ports import Decoded, Native, View
from contracts.v1 import orientation, place, suite

CLE = "idEvenement"

ENTRANTS = by_short_name(
    place.PlaceDeclaree,
    place.PlaceVacante,
    place.PlaceVacancePrevisible,
    place.PlaceLiberee,
    place.PlaceOccupee,
    place.PlaceIndisponible,
    place.PlaceDisponible,
    place.PlaceFermee,
    place.GroupePlacesModifie,
    orientation.OrientationAccusee,
    orientation.OrientationMiseEnAttente,
    orientation.OrientationPreadmissionPlanifiee,
    orientation.OrientationAcceptee,
    orientation.OrientationRefusee,
    suite.AdmissionPrononcee,
    suite.AdmissionDirecte,
    suite.EntreeConstatee,
    suite.PresentationAbsence,
    suite.SejourProlonge,
    suite.SortieDeclaree,
    suite.AccompagnementRepondu,
)
SORTANTS = by_short_name(orientation.OrientationProposee, orientation.OrientationAnnulee)

PERSONNE: Mapping[str, Champ | Objet] = {
    "nom": Champ("nom", valeurs.text, "nom"),
    "prenom": Champ("prenom", valeurs.text, "prénom"),
    "dateNaissance": Champ("date_naissance", valeurs.day_or_month, "date ; mm/aaaa si le jour est inconnu"),
    "sexe": Champ("sexe", valeurs.code, "F ou M"),
    "trancheAge": Champ("tranche_age", valeurs.code, "tranche d'âge"),
}
MENAGE: Mapping[str, Champ | Objet] = {
    "id": Champ("id", valeurs.their_id(Nature.MENAGE), "votre identifiant du ménage"),
    "composition": Champ("composition", valeurs.code, "code SI-SIAO « compositions »"),
    "adultes": Champ("adultes", valeurs.whole_number, "nombre d'adultes, au moins 1"),
    "enfants": Champ("enfants", valeurs.whole_number, "nombre d'enfants ; 0 si absent"),
    "personnes": Objet(PERSONNE, "personnes", liste=True),
    "telephone": Champ("telephone", valeurs.text, "chiffres, espaces et points ; + au début"),
    "numeroUnique": Champ(
        "numero_unique", valeurs.code, "numéro unique de demande de logement, 18 caractères"
    ),
    "situation": Champ("situation", valeurs.code, "code SI-SIAO « situationDemandes »"),
    "motif": Champ("motif", valeurs.code, "code SI-SIAO « motifDemandes »"),
    "droitSejour": Champ("droit_sejour", valeurs.code, "code SI-SIAO « droitSejours »"),
    "ressourcesMensuellesEuros": Champ(
        "ressources_mensuelles_euros", valeurs.rounded_euros, "arrondies à l'euro"
    ),
    "accompagnement": Champ("accompagnement", valeurs.code, "code SI-SIAO « mesureAccompagnement »"),
    "victimeDeViolences": Champ("victime_de_violences", valeurs.tri_state, "true, false, OUI, NON ou NR"),
}
EVENEMENT = Objet(
    {
        "version": Champ(
            "version", valeurs.whole_number, "votre numéro de version de l'objet ; le plus haut l'emporte"
        ),
        "place": Champ("place", valeurs.their_id(Nature.PLACE), "votre identifiant de la place"),
        "groupe": Champ(
            "groupe", valeurs.their_id(Nature.GROUPE_PLACES), "votre identifiant du groupe de places"
        ),
        "orientation": Champ("orientation", valeurs.our_id, "UUID de l'orientation, tel que reçu du hub"),
        "structure": Champ("structure", valeurs.etablissement, "FINESS ou SIRET de l'une de vos structures"),
        "commune": Champ("commune", valeurs.commune, "code commune INSEE (et non postal)"),
        "adresse": Champ("adresse", valeurs.text, "200 caractères au plus"),
        "dispositif": Champ("dispositif", valeurs.code, "URGENCE, STABILISATION, INSERTION…"),
        "typePlace": Champ("type_place", valeurs.code, "code SI-SIAO « typePlaces »"),
        "categorie": Champ("categorie", valeurs.code, "code SI-SIAO « categoriePlaces »"),
        "capacite": Champ("capacite", valeurs.whole_number, "personnes accueillies ; 1 si absent"),
        "occupees": Champ("occupees", valeurs.whole_number, "places occupées du groupe"),
        "vacantes": Champ("vacantes", valeurs.whole_number, "places vacantes du groupe"),
        "indisponibles": Champ("indisponibles", valeurs.whole_number, "places indisponibles du groupe"),
        "compositions": Champ(
            "compositions",
            valeurs.several(valeurs.code),
            "liste de codes SI-SIAO « compositions » ; vide : toutes",
        ),
        "accessible": Champ(
            "accessible", valeurs.tri_state, "accessible en fauteuil : true, false, OUI, NON ou NR"
        ),
        "disponibleLe": Champ("disponible_le", valeurs.day, "date ; dès maintenant si absent"),
        "libreLe": Champ("libre_le", valeurs.day, "date à laquelle la place sera libre"),
        "presentationLe": Champ("presentation_le", valeurs.day, "date à laquelle le ménage se présente"),
        "entretienLe": Champ("entretien_le", valeurs.moment, "date et heure, avec décalage horaire"),
        "resultat": Champ("resultat", valeurs.code, "résultat de la préadmission ; EN_COURS si absent"),
        "accueilLe": Champ("accueil_le", valeurs.day, "date d'accueil prévue"),
        "auteur": Champ("auteur", valeurs.code, "qui refuse : STRUCTURE, PERSONNE ou AUTRE"),
        "motif": Champ("motif", valeurs.code, "motif du refus ou de l'indisponibilité"),
        "admissionLe": Champ("admission_le", valeurs.day, "date d'admission"),
        "derogation": Champ(
            "derogation", valeurs.text, "référence de la dérogation : DER-2026-17, ou 2026/38/17"
        ),
        "entreeLe": Champ("entree_le", valeurs.day, "date d'entrée"),
        "constateeLe": Champ("constatee_le", valeurs.day, "date de l'absence"),
        "sortieLe": Champ("sortie_le", valeurs.day, "date de sortie"),
        "jusquAu": Champ("jusqu_au", valeurs.day, "dernier jour"),
        "vers": Champ("vers", valeurs.code, "code SI-SIAO « situationSortieDemande »"),
        "accepte": Champ("accepte", valeurs.tri_state, "true ou false"),
        "debutLe": Champ("debut_le", valeurs.day, "début de l'accompagnement"),
        "menage": Objet(MENAGE, "menage"),
    },
    ignores=ENTETE | {CLE},
)

DIALECTE = Dialecte(
    CLE,
    ENTRANTS,
    SORTANTS,
    tables={name: EVENEMENT.narrowed(c) for name, c in {**ENTRANTS, **SORTANTS}.items()},
    citants=(EVENEMENT,),
)

DECLARATION = Declaration(
    nom="hebergement_json",
    familles=(
        Famille.HEBERGEMENT,
        Famille.LOGEMENT_ACCOMPAGNE,
        Famille.VEILLE_SOCIALE,
        Famille.ACCOMPAGNEMENT,
    ),
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
    """Write a referral or its cancellation; see `Adapter.encode`."""
    return encode_message(single(envelopes), view, DIALECTE)
