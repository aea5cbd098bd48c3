"""Whatever is done to the audit behind its last head is found, wherever it is done; what came later is named."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from router.domain.audit_chain import BEGINNING, KEPT, LATE_HEAD, AuditRow, Fault, Link, Proof
from router.domain.audit_heads import LATE_STAMP, Dated, Gap, Head, Lack, Stamped, in_order, unstamped

KEY = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


def entry(ident: int, **changes: Any) -> AuditRow:
    said = AuditRow(
        ident, NOW - timedelta(hours=1, seconds=-ident), "centre", "message.accepte", f"m{ident}", {}
    )
    return said._replace(**changes)


def chained(
    sizes: Sequence[int], first_id: int = 1, previous: bytes = BEGINNING, number: int = 1
) -> list[Link]:
    links = []
    for size in sizes:
        links.append(Link.after(number, previous, [entry(first_id + n) for n in range(size)]))
        first_id, previous, number = first_id + size, links[-1].hash, number + 1
    return links


def head(link: Link, at: datetime = NOW, *, restored: bool = False) -> Head:
    return Head(link.rank, link.hash, at, restored).signed(KEY)


def rows_of(links: Sequence[Link]) -> dict[int, AuditRow]:
    return {ident: entry(ident) for link in links for ident in link.ids}


def proved(
    links: Sequence[Link], rows: dict[int, AuditRow], heads: Sequence[Head], now: datetime = NOW
) -> Proof:
    proof = Proof.begun(heads, [KEY.public_key()])
    for link in links:
        proof.follow(link, rows)
    return proof.ended(now)


def faults(proof: Proof) -> set[Fault]:
    return {finding.fault for finding in proof.findings}


@st.composite
def chains(draw: st.DrawFn) -> list[Link]:
    return chained(draw(st.lists(st.integers(1, 4), min_size=1, max_size=6)))


@given(chains(), st.data())
def test_an_audit_that_nobody_touched_is_whole_and_its_window_is_what_came_after_the_last_head(links, data):
    at = data.draw(st.integers(0, len(links) - 1))
    proof = proved(links, rows_of(links), [head(links[at])])
    assert proof.findings == []
    assert proof.window == sum(len(link.ids) for link in links[at + 1 :])


CHANGES = {
    "actor": "autre",
    "action": "autre",
    "object": "autre",
    "detail": {"acceptes": 2},
    "at": NOW - timedelta(days=9),
}


@given(chains(), st.data())
def test_a_changed_row_is_found_whatever_is_changed_of_it(links, data):
    rows = rows_of(links)
    ident, what = data.draw(st.sampled_from(sorted(rows))), data.draw(st.sampled_from(sorted(CHANGES)))
    rows[ident] = entry(ident, **{what: CHANGES[what]})
    assert (Fault.ROW_CHANGED, ident) in proved(links, rows, []).findings


@given(chains(), st.data())
def test_a_deleted_row_is_found(links, data):
    rows = rows_of(links)
    del rows[ident := data.draw(st.sampled_from(sorted(rows)))]
    assert (Fault.ROW_MISSING, ident) in proved(links, rows, []).findings


@given(chains(), st.data())
def test_two_rows_that_were_swapped_are_found(links, data):
    rows = rows_of(links)
    if len(rows) < 2:
        return
    one, other = data.draw(st.lists(st.sampled_from(sorted(rows)), min_size=2, max_size=2, unique=True))
    rows[one], rows[other] = rows[other]._replace(id=one), rows[one]._replace(id=other)
    assert faults(proved(links, rows, [])) == {Fault.ROW_CHANGED}


@given(chains(), st.data())
def test_a_deleted_link_is_found_with_its_rows_gone_too(links, data):
    at = data.draw(st.integers(0, len(links) - 1))
    left = links[:at] + links[at + 1 :]
    assert faults(proved(left, rows_of(left), [head(link) for link in links]))


@given(chains(), st.data())
def test_an_end_that_was_cut_is_found(links, data):
    left = links[: data.draw(st.integers(0, len(links) - 1))]
    assert Fault.END_CUT in faults(proved(left, rows_of(left), [head(links[-1])]))


@given(chains(), st.data())
def test_a_chain_that_was_forged_anew_from_any_link_on_is_found(links, data):
    at = data.draw(st.integers(0, len(links) - 1))
    previous = links[at - 1].hash if at else BEGINNING
    forged = [*links[:at], *chained([len(link.ids) + 1 for link in links[at:]], 100, previous, at + 1)]
    assert Fault.HEAD_DIFFERS in faults(proved(forged, rows_of(forged), [head(links[-1])]))


@given(chains(), st.data())
def test_a_link_that_was_made_anew_alone_no_longer_fits_the_next(links, data):
    if len(links) < 2:
        return
    at, rows = data.draw(st.integers(0, len(links) - 2)), rows_of(links)
    changed = [entry(ident, actor="autre") for ident in links[at].ids]
    forged = Link.after(links[at].rank, links[at].previous, changed)
    rows |= {row.id: row for row in changed}
    found = proved([*links[:at], forged, *links[at + 1 :]], rows, []).findings
    assert found == [(Fault.LINK_CHANGED, links[at + 1].rank)]


@given(chains(), st.data())
def test_two_links_that_were_swapped_are_found(links, data):
    if len(links) < 2:
        return
    at = data.draw(st.integers(0, len(links) - 2))
    one, other = links[at], links[at + 1]
    swapped = [
        *links[:at],
        other._replace(rank=one.rank),
        one._replace(rank=other.rank),
        *links[at + 2 :],
    ]
    assert Fault.LINK_CHANGED in faults(proved(swapped, rows_of(links), []))


@given(chains())
def test_a_fork_is_found_by_the_heads_alone(links):
    other = chained([len(link.ids) + 1 for link in links])
    assert Fault.HEAD_DIFFERS in faults(proved(links, rows_of(links), [head(links[-1]), head(other[-1])]))


@given(chains())
def test_a_head_that_another_key_signed_does_not_bind(links):
    stranger = Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
    forged = Head(links[-1].rank, b"\0" * 32, NOW, False).signed(stranger)
    changed = replace(head(links[-1]), hash=b"\0" * 32)
    for lie in (forged, changed):
        assert faults(proved(links, rows_of(links), [lie])) == {Fault.HEAD_FORGED}


def test_what_retention_took_after_a_year_is_not_missed_and_a_younger_beginning_is():
    links = chained([2, 2, 2])
    old, young = [head(links[0], NOW - KEPT), head(links[2])], [head(links[0]), head(links[2])]
    assert proved(links[1:], rows_of(links), old).findings == []
    assert faults(proved(links[1:], rows_of(links), young)) == {Fault.BEGINNING_CUT}


def test_a_database_that_went_back_by_the_will_of_its_operators_is_whole_again_from_there():
    links = chained([2, 2, 2])
    again = [*links[:1], *chained([3, 3], 50, links[0].hash, 2)]
    heads = [head(links[2]), head(links[0], restored=True), head(again[2])]
    assert proved(again, rows_of(again), heads).findings == []
    assert Fault.HEAD_DIFFERS in faults(proved(again, rows_of(again), [heads[0], heads[2]]))
    assert faults(proved(links, rows_of(links), heads)), "l'ancienne suite ne vaut plus"


def test_every_restoration_is_told_with_what_it_gave_up():
    links = chained([2, 2, 2])
    again = [*links[:1], *chained([3], 50, links[0].hash, 2)]
    heads = [head(links[2]), head(links[0], NOW + timedelta(hours=1), restored=True), head(again[1])]
    (told,) = proved(again, rows_of(again), heads).restorations
    assert told == (1, NOW + timedelta(hours=1), 3)


def test_rows_that_a_head_covers_too_late_are_a_gap_and_in_time_are_none():
    links = chained([2, 2])
    first = entry(1).at
    (gap,) = proved(links, rows_of(links), [head(links[1], first + LATE_HEAD * 2)]).gaps
    assert gap == Gap(Lack.HEAD, first, first + LATE_HEAD * 2)
    assert proved(links, rows_of(links), [head(links[1], first + LATE_HEAD)]).gaps == []
    (open_still,) = proved(links, rows_of(links), []).gaps
    assert open_still == Gap(Lack.HEAD, first, None)


def test_heads_are_read_once_in_the_order_of_signing_wherever_they_are_kept():
    one, two = (head(link, NOW + timedelta(minutes=link.rank)) for link in chained([1, 1]))
    assert in_order([two], [one, two], []) == [one, two]


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.data())
def test_heads_without_a_stamp_in_time_are_gaps_whoever_counts_them(stamped, data):
    heads = [head(link, NOW + timedelta(hours=2 * link.rank)) for link in chained([1] * len(stamped))]
    stamps = [
        Dated(each, each.at + LATE_STAMP) for each, has_one in zip(heads, stamped, strict=True) if has_one
    ]
    now = heads[-1].at + LATE_STAMP * 3
    bare = [each.at for each, has_one in zip(heads, stamped, strict=True) if not has_one]
    gaps = unstamped(heads, data.draw(st.permutations(stamps)), now)
    assert all(gap.since in bare for gap in gaps)
    covered = [at for gap in gaps for at in bare if gap.since <= at < (gap.until or now)]
    assert sorted(covered) == bare


def test_a_stamped_head_survives_its_line_of_the_file():
    kept = Stamped(head(chained([1])[0]), b"\0\1\2")
    assert Stamped.from_json(kept.to_json()) == kept
    for line in ("", "{}", '{"tete": 1}', "[" * 100_000):
        with pytest.raises(ValueError, match="horodatage illisible"):
            Stamped.from_json(line)


def test_a_head_survives_its_line_of_the_file():
    kept = head(chained([1])[0])
    assert Head.from_json(kept.to_json()) == kept
    for line in ("", "{}", "[]", '{"maillon": 1}'):
        with pytest.raises(ValueError, match="tête illisible"):
            Head.from_json(line)
