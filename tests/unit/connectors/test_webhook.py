from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from connectors.webhook import signature, signing_key
from contracts.errors import Misconfigured
from tests.rows import each_row

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLasw"


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
    st.integers(0, 4_000_000_000),
    st.text(),
)
def test_our_signature_is_that_of_the_library(key, seconds, body):
    ours = signature(signing_key(SECRET), key, str(seconds), body.encode())
    theirs = Webhook(SECRET).sign(key, datetime.fromtimestamp(seconds, UTC), body)
    assert ours == theirs


@each_row("secret", [SECRET, SECRET.removeprefix("whsec_"), "whsec_YWI", "whsec_YWI="])
def test_the_key_inside_a_secret_is_that_of_the_library(secret):
    assert signing_key(secret) == Webhook(secret)._whsecret


@each_row("secret", ["whsec_", "whsec_trésor", "whsec_a"])
def test_a_secret_that_holds_no_key_needs_a_human_and_is_not_echoed(secret):
    with pytest.raises(Misconfigured) as raised:
        signing_key(secret)
    assert "trésor" not in repr(raised.value)


def test_another_body_another_key_or_another_time_is_another_signature():
    key = signing_key(SECRET)
    signatures = {
        signature(key, "1", "10", b"x"),
        signature(key, "1", "10", b"y"),
        signature(key, "2", "10", b"x"),
        signature(key, "1", "11", b"x"),
    }
    assert len(signatures) == 4
