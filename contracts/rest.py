"""Entry of a partner whose REST service the hub logs into with a form, as SI-SIAO has it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from contracts.entry import Delai, EnVol, Secret, Table, Url, is_readable

DEPUIS, FICHE, LISTE = "{depuis}", "{fiche}", "{liste}"
"""Placeholders in a path: a moment (ISO 8601), the number of a fiche (a record of the service), the name of a
code list."""


def _path(text: str) -> str:
    if not text.startswith("/") or " " in text or not text.isprintable() or "/.." in text:
        raise ValueError("chemin attendu, qui commence par / et se place après l'URL du service")
    return text


Chemin = Annotated[str, AfterValidator(_path)]


class ServeurRest(Table):
    """REST service with a form login and a session cookie."""

    url: Url
    """URL before every path, such as `https://si-siao.exemple.fr/api`."""
    utilisateur: str
    mot_de_passe: Secret
    connexion: Chemin = "/login"
    """Path to which the login form (`username`, `password`) is posted."""
    en_clair: bool = False
    """Permission to speak unencrypted with another machine, because something else protects the connection."""
    delai_s: Delai = 10.0

    @property
    def leaves_in_clear(self) -> bool:
        """Tell whether traffic to another machine could be read on its way."""
        return is_readable(self.url)


class DocumentRest(Table):
    """Object that belongs to a fiche: its name, and the path from which it is read."""

    nom: Annotated[str, Field(pattern=r"^\w+$")]
    chemin: Chemin

    @field_validator("chemin")
    @classmethod
    def _is_of_a_fiche(cls, chemin: str) -> str:
        if FICHE not in chemin:
            raise ValueError(f"« chemin » doit contenir {FICHE}, à la place du numéro de la fiche")
        return chemin


class EntreeRest(ServeurRest):
    """Service whose changed fiches (records) the hub reads."""

    type: Literal["rest"] = "rest"
    dialecte: str
    liste: Chemin
    """Path that lists the fiches changed since `{depuis}`: `{"result": [{"ficheId": 4711, "dateModification": …}]}`."""
    documents: Annotated[tuple[DocumentRest, ...], Field(min_length=1, max_length=10)]
    referentiels: Chemin = f"/referentiels/{LISTE}"
    """The path of a code list: an array of `{"id": 10, "libelle": …}`."""
    intervalle_s: Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)] = 60.0


class SortieRest(ServeurRest):
    """Deliveries by PUT to the object that each names. A repeated PUT changes nothing."""

    type: Literal["rest"] = "rest"
    en_vol: EnVol = 4
