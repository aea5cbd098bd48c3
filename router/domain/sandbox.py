"""Sandboxes: what a partner says in one goes to nobody but a SIAO that the hub itself plays. Pure.

The id of a partner says that it is in a sandbox. So everything that is ever kept of it says so too, after its entry has
gone as well. Its entry says it once more (`bac_a_sable`), for whoever reviews the registry.
"""

from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite

PREFIX = "bac-a-sable-"
"""With what the id of a partner begins that is in a sandbox, and no other's."""
SUFFIX = "-siao"
"""With what the id of the SIAO ends that stands behind it, and no other's in a sandbox."""
DIALECT = "si_siao_json"
"""What that SIAO speaks."""
MARK = "/"
"""Between a territory and the sandbox that is in it."""


def sandbox_of(partner: str) -> str | None:
    """The sandbox of a partner, or of the SIAO behind one: that partner's id. None for who is real."""
    return partner.removesuffix(SUFFIX) if partner.startswith(PREFIX) else None


def heard_in(partner: Partner) -> str:
    """The territory in which a partner is heard; a sandbox is one of its own, with the calendar of the one it is in."""
    sandbox = sandbox_of(partner.id)
    return partner.territoire if sandbox is None else f"{partner.territoire}{MARK}{sandbox}"


def sandbox_at(territoire: str) -> str | None:
    """The sandbox that a territory is; None for a real one."""
    return territoire.partition(MARK)[2] or None


def siao_behind(partner: Partner) -> Partner:
    """The SIAO of a partner's sandbox. It takes whatever it is sent, and says what the hub makes it say."""
    return Partner(
        id=f"{partner.id}{SUFFIX}",
        nom="SIAO simulé",
        famille=Famille.SIAO,
        territoire=partner.territoire,
        dialectes=(DIALECT,),
        dialecte_sortant=DIALECT,
        livraison=ClasseLivraison.DEDUPLIQUE,
        sortie=SortieBoite(),
    )


def is_siao_behind(partner: Partner) -> bool:
    """Whether this is the SIAO of a sandbox."""
    return sandbox_of(partner.id) not in (None, partner.id)
