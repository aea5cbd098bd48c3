"""Describe sandboxes. A partner in a sandbox exchanges messages only with partners that the hub simulates for
it.

The id of a partner in a sandbox begins with `PREFIX`. The partner's registry entry says so too
(`bac_a_sable`), for the people who review the registry.
"""

from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite
from router.domain.territories import territoire_at

PREFIX = "bac-a-sable-"
BRINGER_SUFFIX, SIAO_SUFFIX, SHELTER_SUFFIX = "-115-simule", "-siao", "-centre-simule"
SUFFIXES = (BRINGER_SUFFIX, SIAO_SUFFIX, SHELTER_SUFFIX)
"""Suffixes of the ids of simulated partners. `sandbox_of` removes them in this order, because a simulated
SIAO may have a simulated 115 of its own."""
BRINGER_DIALECT, SIAO_DIALECT, SHELTER_DIALECT = "veille_sociale_json", "si_siao_json", "cloudevents_json"
NEIGHBOUR = "99"
"""Territory of the SIAO that the hub simulates as the neighbour of a SIAO. No real département has this
number."""
SHELTER_FINESS = "990000002"
SHELTER_COMMUNE = "75056"
MARK = "/"
"""Separator between a territory's name and the id of a sandbox in it."""


def sandbox_of(partner: str) -> str | None:
    """Return the id of the sandbox that a partner is in. Return None if it is in no sandbox. A sandbox has
    the id of the partner that tries its software there."""
    if not partner.startswith(PREFIX):
        return None
    for suffix in SUFFIXES:
        partner = partner.removesuffix(suffix)
    return partner


def message_territoire(partner: Partner, commune: str | None = None) -> str:
    """Return the territory to which a partner's messages about a commune belong. Without a commune, this is
    the partner's first territory. In a sandbox, the territory's name contains the sandbox's id."""
    return _in_sandbox(sandbox_of(partner.id), territoire_at(partner, commune))


def territories_of(partner: Partner) -> tuple[str, ...]:
    """Return the names of a partner's territories, the main one first. In a sandbox, each name contains the
    sandbox's id, so that no real partner works there."""
    sandbox = sandbox_of(partner.id)
    return tuple(_in_sandbox(sandbox, territoire) for territoire in partner.territoires)


def named_from(territoire: str, name: str) -> str:
    """Return the territory that a message means by `name`. `territoire` is the territory to which the message
    belongs. If `territoire` is in a sandbox, return the territory `name` of this sandbox; otherwise return
    `name` itself."""
    return _in_sandbox(sandbox_at(territoire), name)


def _in_sandbox(sandbox: str | None, territoire: str) -> str:
    return territoire if sandbox is None else f"{territoire}{MARK}{sandbox}"


def sandbox_at(territoire: str) -> str | None:
    """Return the id of the sandbox that a territory's name contains. Return None for a real territory."""
    return territoire.partition(MARK)[2] or None


def siao_behind(partner: Partner) -> Partner:
    """Return the SIAO that the hub simulates in a partner's sandbox. If the partner is a SIAO itself, the
    simulated SIAO is its neighbour, with the territory `NEIGHBOUR`."""
    siao = _played(partner, SIAO_SUFFIX, "SIAO simulé", Famille.SIAO, SIAO_DIALECT)
    elsewhere = {"nom": "SIAO voisin simulé", "territoire": NEIGHBOUR, "autres_territoires": ()}
    return siao.model_copy(update=elsewhere) if partner.famille is Famille.SIAO else siao


def bringer_behind(siao: Partner) -> Partner:
    """Return the simulated partner that brings households to a SIAO in a sandbox. This partner is a 115."""
    return _played(siao, BRINGER_SUFFIX, "115 simulé", Famille.VEILLE_SOCIALE, BRINGER_DIALECT)


def shelter_behind(partner: Partner) -> Partner:
    """Return the shelter that the hub simulates in a partner's sandbox."""
    shelter = _played(partner, SHELTER_SUFFIX, "Centre simulé", Famille.HEBERGEMENT, SHELTER_DIALECT)
    return shelter.model_copy(update={"structures": (SHELTER_FINESS,)})


def played_behind(partner: Partner) -> tuple[Partner, ...]:
    """Return all partners that the hub simulates in a partner's sandbox."""
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
