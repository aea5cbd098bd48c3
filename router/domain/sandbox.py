"""Sandboxes: messages of a partner in a sandbox reach only partners that the hub simulates there. Pure.

The id of a partner says that it is in a sandbox. So every row about it says so too, even after its entry is gone.
The entry repeats it (`bac_a_sable`), for people who review the registry.
"""

from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite
from router.domain.territories import territoire_at

PREFIX = "bac-a-sable-"
"""Beginning of the ids of partners in a sandbox. No other id begins so."""
SIAO_SUFFIX, SHELTER_SUFFIX = "-siao", "-centre-simule"
"""Endings of the ids of the simulated SIAO and shelter. No other id in a sandbox ends so."""
SUFFIXES = (SIAO_SUFFIX, SHELTER_SUFFIX)
SIAO_DIALECT, SHELTER_DIALECT = "si_siao_json", "cloudevents_json"
"""Dialects of the simulated SIAO and of the simulated shelter."""
SHELTER_FINESS = "990000002"
"""FINESS of a département that does not exist: no real structure has it."""
SHELTER_COMMUNE = "75056"
"""Commune of every simulated shelter: nobody goes there."""
MARK = "/"
"""Separator between a territory and the sandbox in it."""


def sandbox_of(partner: str) -> str | None:
    """Return the sandbox of a partner or simulated partner: the id of the partner for which it was made. None for a
    real partner."""
    if not partner.startswith(PREFIX):
        return None
    for suffix in SUFFIXES:
        partner = partner.removesuffix(suffix)
    return partner


def message_territoire(partner: Partner, commune: str | None = None) -> str:
    """Return the territory of a partner's messages about a commune.

    A sandbox is a territory of its own, with the calendar of the territory that it is in.
    """
    return _marked(partner, territoire_at(partner, commune))


def territories_of(partner: Partner) -> tuple[str, ...]:
    """Return all territories of a partner's messages, its main one first. In a sandbox, each names the sandbox
    too."""
    return tuple(_marked(partner, territoire) for territoire in partner.territoires)


def _marked(partner: Partner, territoire: str) -> str:
    sandbox = sandbox_of(partner.id)
    return territoire if sandbox is None else f"{territoire}{MARK}{sandbox}"


def sandbox_at(territoire: str) -> str | None:
    """Return the sandbox that a territory stands for; None for a real territory."""
    return territoire.partition(MARK)[2] or None


def siao_behind(partner: Partner) -> Partner:
    """Make the simulated SIAO of a partner's sandbox. It accepts whatever it is sent, and the hub sends messages in
    its name."""
    return _played(partner, SIAO_SUFFIX, "SIAO simulé", Famille.SIAO, SIAO_DIALECT)


def shelter_behind(partner: Partner) -> Partner:
    """Make the simulated shelter of a partner's sandbox, to which the simulated SIAO directs the partner's
    households."""
    shelter = _played(partner, SHELTER_SUFFIX, "Centre simulé", Famille.HEBERGEMENT, SHELTER_DIALECT)
    return shelter.model_copy(update={"structures": (SHELTER_FINESS,)})


def played_behind(partner: Partner) -> tuple[Partner, ...]:
    """Return the partners that the hub simulates in a partner's sandbox."""
    return siao_behind(partner), shelter_behind(partner)


def is_played(partner: Partner) -> bool:
    """Tell whether the hub simulates this partner in a sandbox."""
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
