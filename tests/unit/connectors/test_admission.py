"""What each partner may take of the door, and that nobody else notices."""

from typing import Any

import pytest

from connectors import failures
from connectors.admission import MIB, Admissions
from connectors.answer import Answer, Stop
from connectors.http_body import Limits
from contracts.partner import Famille, Limites, Partner

SCOPE = {"client": ("192.0.2.1", 4711)}


def partner(name: str, **limites: Any) -> Partner:
    return Partner(
        id=f"centre-{name}",
        nom=name,
        famille=Famille.HEBERGEMENT,
        territoire="01",
        limites=Limites(**limites),
    )


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def door(clock: Clock, *partners: Partner) -> Admissions:
    return Admissions({p.nom: p for p in partners}.get, clock=clock)


async def knock(admissions: Admissions, key: str):
    return await admissions.admit(SCOPE, {b"x-api-key": key.encode()})


async def refused(admissions: Admissions, key: str) -> Answer:
    with pytest.raises(Stop) as stop:
        await knock(admissions, key)
    return stop.value.answer


def retry_after(answer: Answer) -> int:
    assert answer.status == 429
    return int(dict(answer.headers)[b"retry-after"])


async def test_requests_at_once_have_a_bound_of_their_own_for_each_partner(clock):
    admissions = door(clock, partner("a", requetes_simultanees=2), partner("b"))
    first, second = await knock(admissions, "a"), await knock(admissions, "a")
    with first, second:
        assert retry_after(await refused(admissions, "a")) > 0
        with await knock(admissions, "b"):
            pass
    with await knock(admissions, "a"):
        pass


async def test_a_partner_above_its_rate_is_told_when_to_come_back_and_is_then_heard(clock):
    admissions = door(clock, partner("a", requetes_par_seconde=0.5, rafale_requetes=3), partner("b"))
    for _ in range(3):
        with await knock(admissions, "a"):
            pass
    seconds = retry_after(await refused(admissions, "a"))
    with await knock(admissions, "b"):
        pass
    clock.now += seconds
    with await knock(admissions, "a"):
        pass


async def test_an_entry_that_is_read_anew_gives_no_second_burst_and_new_limits_count_at_once(clock):
    known = {"a": partner("a", rafale_requetes=1)}
    admissions = Admissions(known.get, clock=clock)
    with await knock(admissions, "a"):
        pass
    known["a"] = partner("a", rafale_requetes=1)
    await refused(admissions, "a")
    known["a"] = partner("a", rafale_requetes=2)
    with await knock(admissions, "a"):
        pass


async def test_a_key_that_was_a_partners_is_refused_as_any_other_and_not_counted_as_unknown(clock):
    admissions = Admissions(lambda _: None, clock=clock, refuse={"retiree"}.__contains__)
    for key in ("retiree", "devinee", "retiree", ""):
        assert (await refused(admissions, key)).status == 401
    assert admissions.unknown_keys.number == 2


async def test_large_bodies_of_one_partner_leave_room_for_those_of_another(clock):
    admissions = door(clock, partner("a"), partner("b"))
    one, two, other = await knock(admissions, "a"), await knock(admissions, "a"), await knock(admissions, "b")
    with one, two, other, one.share() as held, two.share() as refusal, other.share() as taken:
        assert held.grow(40 * MIB)
        assert not refusal.grow(MIB)
        assert refusal.over_own, "c'est sa part, non celle de tous"
        assert taken.grow(40 * MIB)
    assert admissions.bodies.take(Limits().together_bytes), "tout est rendu"


async def test_small_bodies_have_room_that_large_ones_never_take(clock):
    admissions = door(clock, partner("a"), partner("b"), partner("c"))
    a, b, c = [await knock(admissions, key) for key in "abc"]
    with a, b, c, a.share() as first, b.share() as second, c.share() as third, c.share() as small:
        assert first.grow(40 * MIB)
        assert second.grow(40 * MIB)
        assert not third.grow(MIB)
        assert not third.over_own, "la part de tous est prise, non la sienne"
        assert small.grow(Limits().small_bytes)


async def test_who_has_no_key_is_told_so_and_counts_for_nobody(clock):
    admissions = door(clock, partner("a", requetes_simultanees=1))
    assert (await refused(admissions, "inconnue")).status == 401
    with await knock(admissions, "a"):
        pass


async def test_a_valid_key_is_heard_at_once_behind_an_address_from_which_somebody_guesses(
    clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(failures, "HELD_SECONDS", 0)
    admissions = door(clock, partner("a"))
    while (await refused(admissions, "devinée")).status != 429:
        pass
    with await knock(admissions, "a"):
        pass
