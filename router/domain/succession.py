"""Replace merged SIAO by their successors in subjects (referrals, demands…). Pure."""

from collections.abc import Mapping
from typing import Any, TypeVar

from contracts.frozen import replace
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.rulebooks import candidature, demande, orientation, pret_logement, suivi
from router.domain.rulebooks.acte import Acte
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.rulebooks.suivi import Suivi
from router.domain.subjects import Candidature, Demande, Orientation, Subject

S = TypeVar("S", bound=Subject)

ONE = ("emetteur", "destinataire", "repreneur", "siao")
"""Fields of a subject (referral, demand…) that hold one partner's id. If it is the id of a merged SIAO, it is
replaced by the successor's."""
SEVERAL = ("cedants", "lecteurs", "quittes", "labellisent", "designent", "avant_commission")
"""Names of the fields of subjects (demand, referral…) that hold the ids of several partners. Some of these
partners may be SIAO."""
FOLLOWED: Mapping[type[Subject], tuple[Any, ...]] = {
    Demande: demande.OUVERTES,
    Orientation: (*orientation.ATTENDUES, orientation.Etat.ENTREE),
    Candidature: candidature.ATTENDUES,
    MenagePret: pret_logement.SUIVIS,
    Suivi: tuple(suivi.Etat),
}
"""States of demands, referrals… in which a SIAO is responsible for the household. When this SIAO merges into
another one, its successor receives the past messages about such demands, referrals…"""


def taken_over_by(before: Subject, now: Subject) -> str | None:
    """Return the id of the SIAO that has become responsible for the household by the change from `before` to
    `now`. Return None if the responsible SIAO is the same, or if there is none now."""
    return _follower(now) if _follower(now) != _follower(before) else None


def _follower(subject: Subject) -> str | None:
    if subject.etat not in FOLLOWED.get(type(subject), ()):
        return None
    return subject.player(Party.DESTINATAIRE if isinstance(subject, Demande) else Party.EMETTEUR)


def as_now(subject: S, registry: Registry) -> S:
    """Return the referral, the demand… with each merged SIAO replaced by its successor. The field
    `versions_seen` is left unchanged. If a transfer is proposed between two SIAO that have merged into one, the
    proposal ends."""
    if not registry.successors:
        return subject
    names: dict[str, Any] = {
        name: getattr(subject, name) for name in (*ONE, *SEVERAL) if hasattr(subject, name)
    }
    renamed = {name: _present(value, registry) for name, value in names.items()}
    if isinstance(subject, Acte):
        names["signatures"] = subject.signatures
        renamed["signatures"] = {q: registry.present(who) for q, who in subject.signatures.items()}
    if isinstance(subject, MenagePret):
        own_last = sorted(subject.inscriptions.items(), key=lambda said: registry.present(said[0]) == said[0])
        names["inscriptions"] = subject.inscriptions
        renamed["inscriptions"] = {registry.present(who): answer for who, answer in own_last}
    changed = {name: value for name, value in renamed.items() if value != names[name]}
    if isinstance(subject, Demande) and renamed["repreneur"] == renamed["destinataire"]:
        changed |= {name: None for name in ("transfert_le", "transfert_remis_le") if getattr(subject, name)}
    return replace(subject, **changed) if changed else subject


def _present(value: Any, registry: Registry) -> Any:
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(map(registry.present, value)))
    return registry.present(value) if value else value
