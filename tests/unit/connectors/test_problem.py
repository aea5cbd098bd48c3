import json

from connectors.problem import problem
from contracts.ports import Rejet


def test_a_problem_names_every_row_and_field():
    rejets = [
        Rejet("date_invalide", "La date doit s'écrire jj/mm/aaaa.", ligne=4, champ="Date de sortie"),
        Rejet("fichier_vide", "Le fichier est vide."),
    ]
    answer = problem(422, "lignes-refusees", "Aucune ligne acceptée", "Corrigez les lignes.", rejets)
    assert answer.status == 422
    assert dict(answer.headers)[b"content-type"] == b"application/problem+json"
    assert json.loads(answer.body) == {
        "type": "urn:siao:probleme:lignes-refusees",
        "documentation": "/docs/erreurs#lignes-refusees",
        "title": "Aucune ligne acceptée",
        "status": 422,
        "detail": "Corrigez les lignes.",
        "rejets": [
            {
                "ligne": 4,
                "champ": "Date de sortie",
                "code": "date_invalide",
                "message": "La date doit s'écrire jj/mm/aaaa.",
            },
            {"ligne": None, "champ": None, "code": "fichier_vide", "message": "Le fichier est vide."},
        ],
    }


def test_a_problem_without_rejections_has_no_such_member():
    assert "rejets" not in json.loads(problem(404, "inconnu", "Inconnu", "Rien ici.").body)


def test_the_time_to_come_back_is_rounded_up():
    answer = problem(503, "indisponible", "Indisponible", "Revenez.", retry_after=1.2)
    assert dict(answer.headers)[b"retry-after"] == b"2"
