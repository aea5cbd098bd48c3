"""Sandboxes: a partner in a sandbox exchanges messages only with partners that the hub simulates for it. Pure.

A prefix of a partner's id shows that the partner is in a sandbox. The registry entry says so too
(`bac_a_sable`), for the people who review the registry.
"""

from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite
from router.domain.territories import territoire_at

PREFIX = "bac-a-sable-"
"""Prefix of the ids of all partners in a sandbox."""
BRINGER_SUFFIX, SIAO_SUFFIX, SHELTER_SUFFIX = "-115-simule", "-siao", "-centre-simule"
"""Suffixes of the ids of the simulated 115, SIAO and shelter."""
SUFFIXES = (BRINGER_SUFFIX, SIAO_SUFFIX, SHELTER_SUFFIX)
"""Suffixes of the ids of simulated partners. `sandbox_of` removes them from an id in this order, because a
simulated SIAO may have a simulated 115 of its own."""
BRINGER_DIALECT, SIAO_DIALECT, SHELTER_DIALECT = "veille_sociale_json", "si_siao_json", "cloudevents_json"
"""Dialects (message formats) of the simulated 115, of the simulated SIAO and of the simulated shelter."""
NEIGHBOUR = "99"
"""Territory of the neighbouring SIAO that the hub simulates for a SIAO in a sandbox. This département does
not exist."""
SHELTER_FINESS = "990000002"
"""FINESS of every simulated shelter."""
SHELTER_COMMUNE = "75056"
"""INSEE code of the commune of every simulated shelter."""
MARK = "/"
"""Separator between a territory's name and the id of a sandbox in it."""


def sandbox_of(partner: str) -> str | None:
    """Return the sandbox of a partner, real or simulated. A sandbox is named by the id of the real partner in
    it. Return None for a partner outside all sandboxes."""
    if not partner.startswith(PREFIX):
        return None
    for suffix in SUFFIXES:
        partner = partner.removesuffix(suffix)
    return partner


def message_territoire(partner: Partner, commune: str | None = None) -> str:
    """Return the territory to which a partner's messages about a commune belong. For a partner in a sandbox,
    the name of the territory includes the sandbox."""
    return _in_sandbox(sandbox_of(partner.id), territoire_at(partner, commune))


def territories_of(partner: Partner) -> tuple[str, ...]:
    """Return all territories of a partner, the main one first. If the partner is in a sandbox, each name
    includes the sandbox. Thus no real partner works in the same territory."""
    sandbox = sandbox_of(partner.id)
    return tuple(_in_sandbox(sandbox, territoire) for territoire in partner.territoires)


def named_from(territoire: str, name: str) -> str:
    """Return the territory that a sender in `territoire` means by `name`. For a sender in a sandbox, it is the
    territory of that name in the same sandbox."""
    return _in_sandbox(sandbox_at(territoire), name)


def _in_sandbox(sandbox: str | None, territoire: str) -> str:
    return territoire if sandbox is None else f"{territoire}{MARK}{sandbox}"


def sandbox_at(territoire: str) -> str | None:
    """Return the sandbox whose name a territory includes. Return None for a real territory."""
    return territoire.partition(MARK)[2] or None


def siao_behind(partner: Partner) -> Partner:
    """Make the simulated SIAO of a partner's sandbox. For a partner that is itself a SIAO, make a
    neighbouring SIAO, in the territory `NEIGHBOUR`."""
    siao = _played(partner, SIAO_SUFFIX, "SIAO simulé", Famille.SIAO, SIAO_DIALECT)
    elsewhere = {"nom": "SIAO voisin simulé", "territoire": NEIGHBOUR, "autres_territoires": ()}
    return siao.model_copy(update=elsewhere) if partner.famille is Famille.SIAO else siao


def bringer_behind(siao: Partner) -> Partner:
    """Make the simulated 115 of a sandbox, which brings households to a SIAO."""
    return _played(siao, BRINGER_SUFFIX, "115 simulé", Famille.VEILLE_SOCIALE, BRINGER_DIALECT)


def shelter_behind(partner: Partner) -> Partner:
    """Make the simulated shelter of a partner's sandbox."""
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
