"""A stranger asks the console only so often, whichever address of their network they ask from."""

from collections import OrderedDict
from types import SimpleNamespace

import pytest
from fastapi import HTTPException, Request

from console import visit
from console.visit import slow_down


@pytest.mark.parametrize("rate", [None, (0.001, 1.0)])
@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "the same"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", "its own"),
        ("192.0.2.1", "::ffff:192.0.2.1", "the same"),
        ("192.0.2.1", "192.0.2.2", "its own"),
    ],
)
def test_all_addresses_of_an_ipv6_network_have_one_share(
    one: str, other: str, share: str, rate: visit.Rate | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "BURST", 1.0)
    monkeypatch.setattr(visit, "PER_SECOND", 0.001)
    app = SimpleNamespace(state=SimpleNamespace(buckets=OrderedDict()))
    slow_down(asked(app, one), rate=rate)
    if share == "its own":
        slow_down(asked(app, other), rate=rate)
    else:
        with pytest.raises(HTTPException) as refused:
            slow_down(asked(app, other), rate=rate)
        assert refused.value.status_code == 429


def asked(app: object, host: str) -> Request:
    """Return a request from this address."""
    return Request({"type": "http", "app": app, "client": (host, 1), "headers": []})
