"""The receipt event of a delivery is that of its recipient: who takes a household over may have it first."""

from datetime import UTC, datetime
from uuid import uuid4

from contracts.envelope import Attributes
from contracts.v1.orientation import OrientationProposee
from router.delivery.receipts import receipt_of

MOMENT = datetime(2026, 3, 2, tzinfo=UTC)


def test_two_recipients_of_a_referral_have_each_a_receipt_and_one_has_a_single_one() -> None:
    ident, subject = uuid4(), uuid4()
    sent = Attributes(ident, OrientationProposee.TYPE, "siao-59", subject, MOMENT, "59", correlationid=ident)
    successor, centre, again = (receipt_of(sent, who, MOMENT) for who in ("siao-c", "centre", "centre"))
    assert successor is not None
    assert centre is not None
    assert again is not None
    assert centre.attributes.id == again.attributes.id != successor.attributes.id
