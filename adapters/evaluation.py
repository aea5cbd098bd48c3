"""Fields of a household's evaluation, for the JSON dialects designed by the hub."""

from adapters import valeurs
from adapters.objets import Champ, Objet

EVALUATION = Objet(
    {
        "methode": Champ("methode", valeurs.code, "ENTRETIEN, VISITE, TELEPHONE ou DOSSIER"),
        "realiseeLe": Champ("realisee_le", valeurs.day, "date de l'évaluation"),
        "valableJusquAu": Champ("valable_jusqu_au", valeurs.day, "dernier jour où elle vaut"),
        "conclusion": Champ("conclusion", valeurs.code, "PRET ou PRET_AVEC_ACCOMPAGNEMENT"),
        "evaluateur": Champ("evaluateur", None, "toujours « évaluateur habilité par le SIAO »"),
    },
    cible="evaluation",
)
