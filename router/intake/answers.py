"""Write the HTTP answers to senders of messages. A refusal is a problem detail, the JSON form of errors in RFC
9457. It says what the sender has to do."""

from uuid import UUID

from pydantic_core import to_json

from connectors.answer import JSON, Answer
from connectors.http_in import PATH
from connectors.problem import problem, rejet_json
from contracts.ports import IntakeReport
from contracts.soap import MustUnderstand, VersionMismatch
from router.intake.decoding import TOO_COSTLY
from router.intake.draft import ILLISIBLE, KEY_NEEDED, KEY_TAKEN, OUR_BUG

CONFLICT = problem(
    409,
    "cle-deja-utilisee",
    "Clé déjà utilisée pour un autre contenu",
    KEY_TAKEN.message,
)
NOTHING_EXPECTED = problem(
    400,
    "aucun-dialecte",
    "Aucun message attendu de votre part",
    "Votre entrée au registre ne prévoit aucun dialecte : demandez à l'équipe du hub de l'ajouter.",
)


def answer_of(report: IntakeReport, *, kept: bool = True) -> Answer:
    """Return the HTTP answer to a sender:

    - 202: the message was accepted, even if only in part, or is still being decoded
    - 200: in a dry run (`kept` is False), the message would be accepted
    - any other status: the message was refused, and the body is a problem detail (RFC 9457)
    """
    if report.etat == "conflit":
        return CONFLICT
    if report.etat == "refuse":
        return _refusal(report, report.message_id if kept else None)
    content = {
        "id": str(report.message_id),
        "etat": report.etat,
        "acceptes": report.acceptes,
        "rejets": [rejet_json(rejet) for rejet in report.rejets],
        "avertissements": [rejet_json(each) for each in report.avertissements],
    }
    if not kept:
        return Answer(200, to_json(content), JSON)
    if (address := _to_mend(report)) is not None:
        content["a_corriger"] = address
    location = (b"location", f"{PATH}/{report.message_id}".encode())
    return Answer(202, to_json(content), (*JSON, location))


def _refusal(report: IntakeReport, ident: UUID | None) -> Answer:
    first = report.rejets[0] if report.rejets else None
    if first is not None and first.code == OUR_BUG.code:
        return problem(500, "erreur-interne", "Erreur du hub", first.message, ident=ident)
    if first is not None and first.code in REFUSALS:
        status, slug, title = REFUSALS[first.code]
        return problem(status, slug, title, first.message, report.rejets, ident=ident)
    return problem(
        422,
        "message-refuse",
        "Aucune ligne acceptée",
        "Corrigez les lignes et les champs cités, puis renvoyez. Rien n'a été pris en compte.",
        report.rejets,
        ident=ident,
        a_corriger=_to_mend(report),
    )


def _to_mend(report: IntakeReport) -> str | None:
    return None if report.a_corriger is None else to_mend_at(report.message_id)


def to_mend_at(message: UUID) -> str:
    """Return the path at which the sender can fetch the rejected rows of the message `message`, to correct them."""
    return f"{PATH}/{message}/a-corriger"


REFUSALS = {
    KEY_NEEDED.code: (422, "cle-absente", "Clé absente"),
    TOO_COSTLY.code: (422, "message-trop-couteux", "Message trop coûteux à lire"),
    **dict.fromkeys(
        (ILLISIBLE, MustUnderstand.code, VersionMismatch.code),
        (400, "message-illisible", "Message illisible"),
    ),
}
"""HTTP status, problem type and title of the answer to a message that is refused as a whole, by the code of the
message's first rejection."""
