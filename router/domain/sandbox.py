"""Sandboxes: messages of a partner in a sandbox reach only partners that the hub simulates there. Pure.

The id of a partner shows that the partner is in a sandbox, and so does every row with that id, even once the
partner's entry is gone. The partner's entry says the same again (`bac_a_sable`), for people who review the
registry.
"""

from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite
from router.domain.territories import territoire_at

PREFIX = "bac-a-sable-"
"""Beginning of the ids of all partners in a sandbox, and of no other id."""
BRINGER_SUFFIX, SIAO_SUFFIX, SHELTER_SUFFIX = "-115-simule", "-siao", "-centre-simule"
"""Endings of the ids of the simulated 115, SIAO and shelter. No other partner of a sandbox has such an id."""
SUFFIXES = (BRINGER_SUFFIX, SIAO_SUFFIX, SHELTER_SUFFIX)
"""Endings of the ids of simulated partners. The 115 comes first, because a simulated SIAO has a simulated 115
of its own."""
BRINGER_DIALECT, SIAO_DIALECT, SHELTER_DIALECT = "veille_sociale_json", "si_siao_json", "cloudevents_json"
"""Dialects of the simulated 115, SIAO and shelter."""
NEIGHBOUR = "99"
"""Territory of the SIAO that the hub simulates beside a SIAO in a sandbox: a département that does not
exist."""
SHELTER_FINESS = "990000002"
"""FINESS of every simulated shelter, in a département that does not exist."""
SHELTER_COMMUNE = "75056"
"""Commune of every simulated shelter, by its INSEE code. Nobody is ever sent there."""
MARK = "/"
"""Separator between a territory and the sandbox in that territory."""


def sandbox_of(partner: str) -> str | None:
    """Return the sandbox of a partner or simulated partner: the id of the real partner that tries the hub in
    it. None for a partner outside any sandbox."""
    if not partner.startswith(PREFIX):
        return None
    for suffix in SUFFIXES:
        partner = partner.removesuffix(suffix)
    return partner


def message_territoire(partner: Partner, commune: str | None = None) -> str:
    """Return the territory of a partner's messages about a commune. In a sandbox, this territory names the
    sandbox too, and has the calendar of the real territory."""
    return _in_sandbox(sandbox_of(partner.id), territoire_at(partner, commune))


def territories_of(partner: Partner) -> tuple[str, ...]:
    """Return all territories of a partner's messages, the main one first. In a sandbox, each names the
    sandbox too."""
    sandbox = sandbox_of(partner.id)
    return tuple(_in_sandbox(sandbox, territoire) for territoire in partner.territoires)


def named_from(territoire: str, name: str) -> str:
    """Return the territory that a sender in `territoire` means by `name`: in a sandbox, the territory `name`
    of that sandbox; elsewhere the real one."""
    return _in_sandbox(sandbox_at(territoire), name)


def _in_sandbox(sandbox: str | None, territoire: str) -> str:
    return territoire if sandbox is None else f"{territoire}{MARK}{sandbox}"


def sandbox_at(territoire: str) -> str | None:
    """Return the sandbox that a territory names; None for a real territory."""
    return territoire.partition(MARK)[2] or None


def siao_behind(partner: Partner) -> Partner:
    """Make the simulated SIAO of a partner's sandbox. This SIAO accepts whatever it is sent, and the hub
    sends messages in its name. If the partner is itself a SIAO, the simulated one belongs to another
    territory (`NEIGHBOUR`)."""
    siao = _played(partner, SIAO_SUFFIX, "SIAO simulé", Famille.SIAO, SIAO_DIALECT)
    elsewhere = {"nom": "SIAO voisin simulé", "territoire": NEIGHBOUR, "autres_territoires": ()}
    return siao.model_copy(update=elsewhere) if partner.famille is Famille.SIAO else siao


def bringer_behind(siao: Partner) -> Partner:
    """Make the simulated 115 that brings households to a SIAO of a sandbox, which may itself be simulated."""
    return _played(siao, BRINGER_SUFFIX, "115 simulé", Famille.VEILLE_SOCIALE, BRINGER_DIALECT)


def shelter_behind(partner: Partner) -> Partner:
    """Make the simulated shelter of a partner's sandbox, to which the simulated SIAO directs the partner's
    households."""
    shelter = _played(partner, SHELTER_SUFFIX, "Centre simulé", Famille.HEBERGEMENT, SHELTER_DIALECT)
    return shelter.model_copy(update={"structures": (SHELTER_FINESS,)})


def played_behind(partner: Partner) -> tuple[Partner, ...]:
    """Return the partners that the hub simulates in a partner's sandbox."""
    siao = siao_behind(partner)
    bringers = (bringer_behind(each) for each in (partner, siao) if partner.famille is Famille.SIAO)
    return siao, shelter_behind(partner), *bringers


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
