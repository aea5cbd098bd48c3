"""What a sender is told of its message, as HTTP."""

import json
from uuid import UUID

from contracts.ports import IntakeReport, Rejet
from router.intake.answers import answer_of
from router.intake.decoding import TOO_COSTLY
from router.intake.draft import ILLISIBLE, KEY_NEEDED, OUR_BUG
from tests.rows import each_row


@each_row(
    ("rejet", "status", "kind"),
    [
        (Rejet(ILLISIBLE, "message vide"), 400, "message-illisible"),
        (TOO_COSTLY, 422, "message-trop-couteux"),
        (KEY_NEEDED, 422, "cle-absente"),
        (OUR_BUG, 500, "erreur-interne"),
        (Rejet("code_inconnu", "code inconnu", 3, "motif"), 422, "message-refuse"),
    ],
)
def test_a_refusal_says_by_its_kind_what_was_wrong(rejet: Rejet, status: int, kind: str):
    answer = answer_of(IntakeReport(UUID(int=1), "refuse", 0, (rejet,)))
    problem = json.loads(answer.body)
    assert (answer.status, problem["type"].rpartition("/")[2].rpartition(":")[2]) == (status, kind)
