"""Un client du hub : une file d'envoi qui survit à une coupure, des reprises, la boîte, et le sort de chaque message.

Rien que la bibliothèque standard. Une file est un dossier ; ses fichiers partent dans l'ordre de leurs noms.
"""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

DELAI_S = 30
REPRISE_S = 5.0
A_REPRENDRE = (408, 429, 500, 502, 503, 504)
"""Rien n'est sûr, ou rien n'a été pris : la même requête, sous la même clé, plus tard."""


class PlusTard(Exception):
    """Le hub demande à attendre, ou ne répond pas."""

    def __init__(self, secondes: float) -> None:
        super().__init__(secondes)
        self.secondes = secondes


class Client:
    """Un partenaire, par sa clé d'API et son dossier de travail."""

    def __init__(self, hub: str, cle: str, dossier: Path) -> None:
        self._hub, self._cle = hub.rstrip("/"), cle
        self._file, self._envoyes, self._refuses = (
            dossier / nom for nom in ("a-envoyer", "envoyes", "refuses")
        )
        for chemin in (self._file, self._envoyes, self._refuses):
            chemin.mkdir(parents=True, exist_ok=True)

    def poster(self, evenement: dict[str, Any]) -> None:
        """Mettre un événement dans la file. Au retour, il est sur le disque : il partira, même après une coupure."""
        nom = f"{time.time_ns()}-{evenement['idEvenement']}.json".replace("/", "_")
        brouillon = self._file / f".{nom}"
        with brouillon.open("w", encoding="utf-8") as fichier:
            json.dump(evenement, fichier, ensure_ascii=False)
            fichier.flush()
            os.fsync(fichier.fileno())
        brouillon.rename(self._file / nom)

    def envoyer(self) -> int:
        """Vider la file ; rend combien sont acceptés. Ce que le hub refuse part dans « refuses », avec ses raisons.
        Lève PlusTard : rien n'est perdu, rappelez."""
        acceptes = 0
        for fichier in sorted(self._file.glob("[!.]*.json")):
            statut, reponse = self._demander("POST", "/v1/messages", fichier.read_bytes(), fichier.stem)
            ou = self._envoyes if statut < 300 else self._refuses
            (ou / f"{fichier.stem}.reponse.json").write_bytes(reponse)
            fichier.rename(ou / fichier.name)
            acceptes += statut < 300
        return acceptes

    def relever(self, enregistrer: Callable[[bytes], None]) -> int:
        """Relever la boîte : chaque envoi est enregistré chez vous, puis seulement confirmé. Lève PlusTard."""
        pris = 0
        while envois := json.loads(self._lire("/v1/boite"))["envois"]:
            for envoi in envois:
                enregistrer(self._lire(f"/v1/boite/{envoi['cle']}"))
                self._demander("POST", f"/v1/boite/{envoi['cle']}/accuse")
                pris += 1
        return pris

    def sort(self, reference: str) -> list[dict[str, Any]]:
        """Ce que sont devenus les messages de cette référence : votre identifiant d'événement, de place, de ménage."""
        trouves = json.loads(self._lire(f"/v1/messages?{urllib.parse.urlencode({'reference': reference})}"))
        return [json.loads(self._lire(f"/v1/messages/{message['id']}")) for message in trouves["messages"]]

    def _lire(self, chemin: str) -> bytes:
        statut, contenu = self._demander("GET", chemin)
        if statut >= 300:
            raise RuntimeError(json.loads(contenu)["detail"])
        return contenu

    def _demander(self, methode: str, chemin: str, corps: bytes = b"", cle: str = "") -> tuple[int, bytes]:
        entetes = {"Authorization": f"Bearer {self._cle}", "Content-Type": "application/json"}
        if cle:
            entetes["Idempotency-Key"] = cle
        requete = urllib.request.Request(  # noqa: S310  l'adresse est la vôtre
            self._hub + chemin, corps if methode == "POST" else None, entetes, method=methode
        )
        try:
            with urllib.request.urlopen(requete, timeout=DELAI_S) as reponse:  # noqa: S310
                return reponse.status, reponse.read()
        except urllib.error.HTTPError as erreur:
            with erreur:
                if erreur.code in A_REPRENDRE:
                    raise PlusTard(float(erreur.headers.get("Retry-After") or REPRISE_S)) from None
                return erreur.code, erreur.read()
        except OSError as erreur:
            raise PlusTard(REPRISE_S) from erreur
