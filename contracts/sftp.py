"""Part of a registry entry: how the hub reads and writes folders on the partner's SFTP server."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.entry import Delai, EnVol, Hote, Lot, Port, Secret, Table

PurgeJours = Annotated[int, Field(ge=0, le=30)]
"""Days after which the hub removes what it has written or archived on a partner's server; 0 if the partner
removes it."""
STEP_SECONDS = 60.0
"""Longest time, in seconds, for one step of reading a partner's folder: to list the folder, or to write one
report and archive the file."""


class ServeurSftp(Table):
    """SFTP server of a partner, to which the hub connects."""

    hote: Hote
    port: Port = 22
    utilisateur: str
    cle_privee: Secret
    cle_hote: str
    """Public key of the server, written as in `known_hosts` ("ssh-ed25519 AAAA…"). The hub trusts no other
    key."""


class EntreeSftp(ServeurSftp):
    """SFTP folder in which the partner leaves files for the hub."""

    type: Literal["sftp"] = "sftp"
    dossier: str
    dialecte: str
    archives: str = "archives"
    rapports: str = "rapports"
    purge_jours: PurgeJours = 7
    """Days after which the hub removes its reports and archived files; 0 if the partner removes them."""
    intervalle_s: Annotated[float, Field(ge=0.1, le=86_400, allow_inf_nan=False)] = 5.0
    stable_s: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 2.0
    """Seconds for which a file's size and date must stay unchanged before the hub takes the file for
    complete."""

    @property
    def delai_s(self) -> float:
        """Return the longest time, in seconds, that one step of reading the folder may take."""
        return STEP_SECONDS


class SortieSftp(ServeurSftp):
    """Settings for deliveries as files. The hub writes each file under a name that ends in `.part`, and then
    renames it."""

    type: Literal["sftp"] = "sftp"
    dossier: str
    purge_jours: PurgeJours = 0
    """Days after which the hub removes delivered files; 0 if the partner removes them."""
    delai_s: Delai = 30.0
    en_vol: EnVol = 4
    lot: Lot | None = None
