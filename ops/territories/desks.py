"""Check that no two SIAO of a registry would receive the same messages."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from contracts.errors import Misconfigured
from contracts.partner import Famille, Partner
from router.domain.partners import Registry
from router.domain.sandbox import sandbox_of


def check_desks(registry: Registry) -> None:
    """Check the territories of a registry. Raises Misconfigured, with a French text, in three cases:

    * two SIAO would receive the same messages;
    * an entry repeats a territory;
    * an antenna (local office of a SIAO) names a SIAO that is missing, or that does not work in all
      territories of the antenna.
    """
    for partner in registry.partners.values():
        if len(set(partner.territoires)) < len(partner.territoires):
            raise Misconfigured(
                f"{partner.id}, autres_territoires : chaque territoire ne s'écrit qu'une fois"
            )
        _check_antenna(partner, registry)
    for one, other in rivals(registry):
        raise Misconfigured(
            f"SIAO en double pour le territoire {_common(one, other)} : {one.id}, {other.id} ; donnez à chacun un "
            "« volet », un « perimetre » que l'autre n'a pas, ou dites l'un « antenne_de » l'autre"
        )


def rivals(registry: Registry) -> Sequence[tuple[Partner, Partner]]:
    """Return the pairs of SIAO that would receive the same messages. SIAO in a sandbox, and SIAO that have
    merged into another, are left out. Two kinds of pairs are also left out:

    * an antenna, and a SIAO that is no antenna;
    * two SIAO of which one is to succeed the other, and that have not merged yet.
    """
    present = (partner for name, partner in registry.partners.items() if name not in registry.successors)
    there = (partner for partner in present if not sandbox_of(partner.id))
    return [
        (one, other)
        for one, other in overlapping(siao for siao in there if siao.famille is Famille.SIAO)
        if bool(one.antenne_de) is bool(other.antenne_de)
        and _same_volet(one, other, registry)
        and one.id not in other.succede_a
        and other.id not in one.succede_a
    ]


def overlapping(partners: Iterable[Partner]) -> Sequence[tuple[Partner, Partner]]:
    """Return the pairs of partners that work in the same commune."""
    return [pair for pair in combinations(partners, 2) if _overlap(*pair)]


def _overlap(one: Partner, other: Partner) -> bool:
    if not set(one.territoires) & set(other.territoires):
        return False
    drawn = [each.perimetre for each in (one, other) if each.perimetre]
    return len(drawn) < 2 or bool(drawn[0].toutes() & drawn[1].toutes())


def _same_volet(one: Partner, other: Partner, registry: Registry) -> bool:
    volets = registry.volet_of(one), registry.volet_of(other)
    return None in volets or volets[0] is volets[1]


def _common(one: Partner, other: Partner) -> str:
    return ", ".join(sorted(set(one.territoires) & set(other.territoires)))


def _check_antenna(antenna: Partner, registry: Registry) -> None:
    if antenna.antenne_de is None:
        return
    siao = registry.get(antenna.antenne_de)
    if siao is None or siao.famille is not Famille.SIAO or siao.antenne_de:
        raise Misconfigured(
            f"{antenna.id}, antenne_de : « {antenna.antenne_de} » n'est pas un SIAO de ce registre"
        )
    if not set(antenna.territoires) <= set(siao.territoires):
        raise Misconfigured(
            f"{antenna.id} : une antenne travaille dans les territoires de son SIAO ({', '.join(siao.territoires)})"
        )
