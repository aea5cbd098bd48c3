"""Part of a registry entry: how the hub exchanges messages with a REST service that has a form login.
SI-SIAO, the national software of the SIAO, is such a service."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from contracts.entry import Delai, EnVol, Secret, Table, Url, is_readable

DEPUIS, FICHE, LISTE = "{depuis}", "{fiche}", "{liste}"
"""Placeholders in the path of a request: a moment (ISO 8601), the number of a record (« fiche »), the name of
a code list."""


def _path(text: str) -> str:
    if not text.startswith("/") or " " in text or not text.isprintable() or "/.." in text:
        raise ValueError("chemin attendu, qui commence par / et se place après l'URL du service")
    return text


Chemin = Annotated[str, AfterValidator(_path)]


class ServeurRest(Table):
    """Settings with which the hub reaches a partner's REST service. The hub logs in there by a form, and keeps
    a session cookie."""

    url: Url
    """URL before all paths."""
    utilisateur: str
    mot_de_passe: Secret
    connexion: Chemin = "/login"
    """Path of the login form, which has the fields `username` and `password`."""
    en_clair: bool = False
    """Whether the hub may send unencrypted data to another machine."""
    delai_s: Delai = 10.0

    @property
    def leaves_in_clear(self) -> bool:
        """Return whether traffic leaves this machine unencrypted."""
        return is_readable(self.url)


class DocumentRest(Table):
    """One of the documents that make up a record in a partner's REST service: the document's name, and the path
    from which the hub reads the document."""

    nom: Annotated[str, Field(pattern=r"^\w+$")]
    chemin: Chemin

    @field_validator("chemin")
    @classmethod
    def _is_of_a_fiche(cls, chemin: str) -> str:
        if FICHE not in chemin:
            raise ValueError(f"« chemin » doit contenir {FICHE}, à la place du numéro de la fiche")
        return chemin


class EntreeRest(ServeurRest):
    """REST service of a partner, from which the hub reads the partner's records that have changed since the
    hub's last reading."""

    type: Literal["rest"] = "rest"
    dialecte: str
    liste: Chemin
    """Path of the list of records changed since `{depuis}`. The service answers `{"result": [{"ficheId":
    4711, "dateModification": …}]}`."""
    documents: Annotated[tuple[DocumentRest, ...], Field(min_length=1, max_length=10)]
    referentiels: Chemin = f"/referentiels/{LISTE}"
    """Path of a code list. The service answers `[{"id": 10, "libelle": …}]`."""
    intervalle_s: Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)] = 60.0


class SortieRest(ServeurRest):
    """Settings for deliveries by PUT to a partner's REST service. Each message gives the path of the object
    that it updates, so that a second PUT of the same delivery changes nothing."""

    type: Literal["rest"] = "rest"
    en_vol: EnVol = 4
