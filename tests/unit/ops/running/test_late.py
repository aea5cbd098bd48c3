"""What a process imports in a thread once it knows its partners, so that no message waits for an import."""

import pytest

from contracts.partner import Famille, Partner
from contracts.sftp import EntreeSftp, SortieSftp
from ops.running.late import SFTP, WORKING_DAYS, needed
from router.domain.partners import Registry
from router.domain.roles import Role

SERVER = {
    "hote": "sftp.exemple.fr",
    "utilisateur": "siao",
    "cle_privee": "file:/cle",
    "cle_hote": "ssh-ed25519 AAAA",
}


def a_hub_with(**way) -> Registry:
    known = {"id": "cil-91", "nom": "CIL", "famille": Famille.CIL, "territoire": "91", "dialectes": ("csv",)}
    return Registry.of([Partner(**known, dialecte_sortant="csv", **way)])


OUT = a_hub_with(sortie=SortieSftp(**SERVER, dossier="depot"))
IN = a_hub_with(entree=EntreeSftp(**SERVER, dossier="depot", dialecte="csv"))


@pytest.mark.parametrize(
    ("role", "registry", "modules"),
    [
        (Role.WORKER, OUT, {WORKING_DAYS}),
        (Role.DISPATCHER, OUT, {SFTP}),
        (Role.DISPATCHER, IN, set()),
        (Role.SOURCES, IN, {WORKING_DAYS, SFTP}),
        (Role.SOURCES, a_hub_with(), {WORKING_DAYS}),
        (Role.GATEWAY, a_hub_with(), {WORKING_DAYS}),
        (Role.RELAY, OUT, set()),
    ],
)
def test_a_process_imports_what_its_roles_need_for_its_partners_and_no_more(role, registry, modules):
    assert set(needed({role}, registry)) == modules
