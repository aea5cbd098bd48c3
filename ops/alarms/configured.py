"""Rules of the alarms, and channels of their notices, as the settings give them."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from connectors.mail import MailServer
from connectors.notices import Channel, Mail, Pulse, Webhook
from contracts.errors import Misconfigured
from ops.alarms.rules import Rule, Rules, Urgence
from ops.status.findings import Code, rules_in_data
from router.settings import AlarmSettings
from router.settings.lines import is_this_machine


def rules(file: Path | None = None) -> Rules:
    """Return the hub's rules, with those that `file` replaces by code. Raises Misconfigured, which names a wrong
    code."""
    data = dict(rules_in_data())
    if file is not None:
        for code, changes in _read(file).items():
            data[code] = {**data.get(code, {}), **changes}
    return {Code(code): _rule(code, entry) for code, entry in data.items() if _known(code)}


def channels(settings: AlarmSettings) -> tuple[Channel, ...]:
    """Return the channels of notices. Raises Misconfigured if one would send them in clear."""
    found: list[Channel] = []
    if settings.email_to:
        found.append(Mail(mail_server(settings), settings.email_to))
    if settings.webhook_url is not None:
        found.append(Webhook(_encrypted(settings.webhook_url, "du webhook"), settings.webhook_secret_file))
    return tuple(found)


def mail_server(settings: AlarmSettings) -> MailServer:
    """Return the server that sends the hub's mails. The line to it is encrypted, unless it is this machine or the
    settings say otherwise."""
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.email_from,
        not (settings.smtp_en_clair or is_this_machine(settings.smtp_host)),
        settings.smtp_username,
        settings.smtp_password_file,
    )


def pulse(settings: AlarmSettings) -> Pulse | None:
    """Return the address to which the hub reports that it is well; None without one. Raises Misconfigured if the
    report would travel in clear."""
    if settings.heartbeat_url is None:
        return None
    return Pulse(_encrypted(settings.heartbeat_url, "du pouls"))


def _encrypted(address: str, whose: str) -> str:
    url = urlsplit(address)
    if url.scheme != "https" and not is_this_machine(url.hostname):
        raise Misconfigured(f"alertes : l'adresse {whose} doit commencer par https://")
    return address


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise Misconfigured(f"règles d'alerte illisibles : {file} ({exc})") from exc


def _known(code: str) -> bool:
    if code not in set(Code):
        raise Misconfigured(f"règles d'alerte : condition inconnue « {code} » (connues : {', '.join(Code)})")
    return True


def _rule(code: str, entry: Mapping[str, Any]) -> Rule:
    try:
        return Rule(
            titre=str(entry["titre"]),
            apres=timedelta(seconds=float(entry["apres_s"])),
            fin=timedelta(seconds=float(entry["fin_s"])),
            page=str(entry["page"]),
            urgence=Urgence(entry["urgence"]),
        )
    except (LookupError, TypeError, ValueError) as exc:
        raise Misconfigured(f"règles d'alerte, « {code} » : {exc}") from exc
