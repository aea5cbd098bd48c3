"""Channels for notices of alarms (mail and webhook), and for the regular "all is well" report."""

from urllib.parse import urlsplit

from connectors.mail import MailServer
from connectors.notices import Channel, Mail, Pulse, Webhook
from contracts.errors import Misconfigured
from router.settings import AlarmSettings
from router.settings.lines import is_this_machine


def channels(settings: AlarmSettings) -> tuple[Channel, ...]:
    """Return the channels by which people get notices of alarms: e-mail and a webhook, each if the settings
    give its address. Raises Misconfigured if the webhook would be unencrypted."""
    found: list[Channel] = []
    if settings.email_to:
        found.append(Mail(mail_server(settings), settings.email_to))
    if settings.webhook_url is not None:
        found.append(Webhook(_encrypted(settings.webhook_url, "du webhook"), settings.webhook_secret_file))
    return tuple(found)


def mail_server(settings: AlarmSettings) -> MailServer:
    """Return the SMTP server that sends the hub's mails."""
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.email_from,
        not (settings.smtp_en_clair or is_this_machine(settings.smtp_host)),
        settings.smtp_username,
        settings.smtp_password_file,
    )


def pulse(settings: AlarmSettings) -> Pulse | None:
    """Return the sender of the regular "all is well" report; None if the settings give no address for the
    report. Raises Misconfigured for an unencrypted address."""
    if settings.heartbeat_url is None:
        return None
    return Pulse(_encrypted(settings.heartbeat_url, "du pouls"))


def _encrypted(address: str, whose: str) -> str:
    url = urlsplit(address)
    if url.scheme != "https" and not is_this_machine(url.hostname):
        raise Misconfigured(f"alertes : l'adresse {whose} doit commencer par https://")
    return address
