"""Check the reference under which an agreement may allow lists of households. It is a number given by the
CNIL (the data protection authority) until 25 May 2018, or an entry in the register of processing (GDPR,
article 30)."""

import re

_NUMERO_CNIL = re.compile(
    r"(AU|RU|NS)-[0-9]{1,3}"  # unique authorisation, unique regulatory act, simplified standard
    r"|[0-9]{6,7}(V[0-9]{1,2})?"  # receipt of a declaration or authorisation, and its version
    r"|(19[789][0-9]|200[0-9]|201[0-8])-[0-9]{1,3}"  # decision of the CNIL
)
_LIGNE_DU_REGISTRE = re.compile(r"(?!(AU|RU|NS)-)[A-Z]{1,4}(-[0-9]{1,6}){1,3}")


def why_unreadable(reference: str) -> str | None:
    """Return, in French, why a reference is not valid. Return None for a valid one."""
    if _NUMERO_CNIL.fullmatch(reference) or _LIGNE_DU_REGISTRE.fullmatch(reference):
        return None
    if reference[0].isdigit() or reference.startswith(("AU-", "RU-", "NS-")):
        return (
            "la CNIL ne donne plus de numéro depuis le 25 mai 2018 : reprenez le sien s'il est plus ancien (AU-34, "
            "1234567V0, 2014-123), sinon écrivez la ligne de votre registre (REG-2026-12)"
        )
    return (
        "ligne du registre illisible : écrivez 1 à 4 lettres, puis 1 à 3 groupes de chiffres séparés par - "
        "(REG-2026-12), ou le numéro donné par la CNIL avant le 25 mai 2018"
    )
