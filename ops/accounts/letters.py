"""Write the mails to people with an account. They say nothing about any household."""

from uuid import UUID

from connectors.mail import Letter
from contracts.plurals import many

INVITATION = """\
Bonjour,

Un compte vous est ouvert au bureau de {partner}, dans le hub du SIAO. Vous y lisez ce qui vous est adressé, et y
répondez, avec votre navigateur.

Pour entrer, ouvrez cette adresse, et donnez celle de votre courrier :

    {url}/connexion

Vous recevrez un lien. La première fois, il vous faudra aussi votre téléphone, avec une application de codes (celle de
votre téléphone, FreeOTP, Google Authenticator…).
"""
LINK = """\
Bonjour,

Pour entrer au bureau du hub SIAO, ouvrez ce lien, puis appuyez sur « Entrer » :

    {url}

Il sert une fois, pendant {minutes} minutes. Si vous n'avez rien demandé, ne faites rien : personne n'est entré.
"""
WAITING = """\
Bonjour,

{what} au bureau du hub SIAO :

    {url}/bureau

Ce courriel ne dit rien de plus : ce dont il s'agit ne se lit que là.
"""


def invitation(account: UUID, address: str, partner: str, url: str) -> Letter:
    """Return the mail that invites a person to a new account."""
    text = INVITATION.format(partner=partner, url=url)
    return Letter(f"invitation {account}", (address,), "votre compte", text)


def link(ident: str, address: str, url: str, minutes: int) -> Letter:
    """Return the mail with a link to log in, which is valid for `minutes` minutes. `ident` is the mail's id."""
    return Letter(ident, (address,), "votre lien d'entrée", LINK.format(url=url, minutes=minutes))


def waiting(ident: str, address: str, number: int, urgent: int, has_more: bool, url: str) -> Letter:
    """Return the mail that tells a person of `number` open tasks, and whether there may be more (`has_more`).
    `urgent` of them are overdue, or due within 24 hours. `ident` is the mail's id."""
    what = ("Au moins " if has_more else "") + many(number, "chose vous attend", "choses vous attendent")
    if urgent:
        what += f", dont {urgent} à faire dans les vingt-quatre heures,"
    subject = (
        "une réponse est attendue de vous dans les vingt-quatre heures"
        if urgent
        else "quelque chose vous attend"
    )
    return Letter(ident, (address,), subject, WAITING.format(what=what, url=url))
