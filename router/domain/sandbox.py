"""Sandboxes: what a partner says in one goes to nobody but those that the hub itself plays there. Pure.

The id of a partner says that it is in a sandbox. So everything that is ever kept of it says so too, after its entry has
gone as well. Its entry says it once more (`bac_a_sable`), for whoever reviews the registry.
"""

from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite
from router.domain.territories import territoire_at

PREFIX = "bac-a-sable-"
"""With what the id of a partner begins that is in a sandbox, and no other's."""
SIAO_SUFFIX, SHELTER_SUFFIX = "-siao", "-centre-simule"
"""With what the ids of the SIAO and of the shelter end that stand behind it, and no others in a sandbox."""
SUFFIXES = (SIAO_SUFFIX, SHELTER_SUFFIX)
SIAO_DIALECT, SHELTER_DIALECT = "si_siao_json", "cloudevents_json"
"""What each of them speaks."""
SHELTER_FINESS = "990000002"
"""Of a département that does not exist: no real structure has it."""
SHELTER_COMMUNE = "75056"
"""Wherever the sandbox is: nobody goes there."""
MARK = "/"
"""Between a territory and the sandbox that is in it."""


def sandbox_of(partner: str) -> str | None:
    """The sandbox of a partner, or of whom the hub plays behind one: that partner's id. None for who is real."""
    if not partner.startswith(PREFIX):
        return None
    for suffix in SUFFIXES:
        partner = partner.removesuffix(suffix)
    return partner


def heard_in(partner: Partner, commune: str | None = None) -> str:
    """The territory in which a partner is heard when it speaks of a commune; a sandbox is one of its own, with the
    calendar of the one it is in."""
    return _marked(partner, territoire_at(partner, commune))


def territories_of(partner: Partner) -> tuple[str, ...]:
    """All the territories in which a partner is heard, its own first."""
    return tuple(_marked(partner, territoire) for territoire in partner.territoires)


def _marked(partner: Partner, territoire: str) -> str:
    sandbox = sandbox_of(partner.id)
    return territoire if sandbox is None else f"{territoire}{MARK}{sandbox}"


def sandbox_at(territoire: str) -> str | None:
    """The sandbox that a territory is; None for a real one."""
    return territoire.partition(MARK)[2] or None


def siao_behind(partner: Partner) -> Partner:
    """The SIAO of a partner's sandbox. It takes whatever it is sent, and says what the hub makes it say."""
    return _played(partner, SIAO_SUFFIX, "SIAO simulé", Famille.SIAO, SIAO_DIALECT)


def shelter_behind(partner: Partner) -> Partner:
    """The shelter of a partner's sandbox, to which its SIAO directs the households that the partner brings."""
    shelter = _played(partner, SHELTER_SUFFIX, "Centre simulé", Famille.HEBERGEMENT, SHELTER_DIALECT)
    return shelter.model_copy(update={"structures": (SHELTER_FINESS,)})


def played_behind(partner: Partner) -> tuple[Partner, ...]:
    """Those whom the hub plays in a partner's sandbox."""
    return siao_behind(partner), shelter_behind(partner)


def is_played(partner: Partner) -> bool:
    """Whether this is one of those whom the hub plays in a sandbox."""
    return sandbox_of(partner.id) not in (None, partner.id)


def _played(partner: Partner, suffix: str, nom: str, famille: Famille, dialecte: str) -> Partner:
    return Partner(
        id=f"{partner.id}{suffix}",
        nom=nom,
        famille=famille,
        territoire=partner.territoire,
        autres_territoires=partner.autres_territoires,
        dialectes=(dialecte,),
        dialecte_sortant=dialecte,
        livraison=ClasseLivraison.DEDUPLIQUE,
        sortie=SortieBoite(),
    )
