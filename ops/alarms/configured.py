"""Read the rules of the alarms: the built-in rules, with the changes made in the settings."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from contracts.errors import Misconfigured
from ops.alarms.rules import Rule, Rules, Urgence
from ops.status.findings import Code, rules_in_data


def rules(file: Path | None = None) -> Rules:
    """Return the alarm rule of each condition: the built-in values, or those that the TOML file `file` gives
    instead. Raises Misconfigured for an unreadable file, an unknown condition or an invalid rule."""
    data = dict(rules_in_data())
    if file is not None:
        for code, changes in _read(file).items():
            data[code] = {**data.get(code, {}), **changes}
    return {Code(code): _rule(code, entry) for code, entry in data.items() if _known(code)}


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
