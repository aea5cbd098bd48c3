"""All metrics, with names, labels and meanings in French. `docs/metriques.md` is generated from this module.

Labels have few values: partners, structures, roles, states and stages. Each process counts the metrics in
`COUNTED`. The metrics in `SHOWN` are about the whole hub, and one process shows them.
"""

from collections.abc import Mapping
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
"""Metrics of this process, which it serves at /metrics."""
DELIVERY_BUCKETS = (0.1, 0.5, 1, 5, 30, 60, 300, 900, 3600, 14400)
"""Bounds of a histogram, in seconds: the time from an event's acceptance to its delivery. A delivery is late
after 900 seconds."""
CLOSURE_BUCKETS = (900, 3600, 14400, 43200, 86400, 172800, 604800, 1209600, 2592000)
"""Bounds of a histogram, in seconds: the time from the receipt of a referral or candidacy to its answer.
604,800 seconds are one week. A structure usually has seven working days to answer."""
HELD_BUCKETS = (0.05, 0.1, 0.15, 0.25, 0.5, 1, 5)
"""Bounds of a histogram, in seconds: the time for which one callback blocks the event loop."""

# --- intake
MESSAGES = Counter(
    "siao_hub_messages_total",
    "messages reçus, par expéditeur et par état (`accepte`, `partiel`, `refuse`, `en_cours`, `repetition`, `conflit`)",
    ("partner", "etat"),
    registry=REGISTRY,
)
# --- bus
PUBLISHED = Counter("siao_hub_published_total", "événements publiés sur Kafka", registry=REGISTRY)
APPLIED = Counter("siao_hub_applied_total", "événements appliqués", registry=REGISTRY)
HALVED = Counter(
    "siao_hub_halved_total",
    "transactions partagées refaites par moitiés après un échec, par qui les fait (`porte`, `worker`, `departs` et "
    "`resultats` des livraisons)",
    ("of",),
    registry=REGISTRY,
)
QUARANTINED = Counter(
    "siao_hub_quarantined_total", "événements mis en quarantaine, par cause", ("cause",), registry=REGISTRY
)
LOOP_CLOSURE_SECONDS = Histogram(
    "siao_hub_loop_closure_seconds",
    "de la remise prouvée d'une orientation ou d'une candidature à sa réponse, par destinataire",
    ("partner",),
    buckets=CLOSURE_BUCKETS,
    registry=REGISTRY,
)
# --- deliveries
DELIVERIES = Counter(
    "siao_hub_deliveries_total",
    "livraisons terminées, par partenaire et par état (`livree`, `deposee`, `refusee`, `incertaine`, `oubliee`)",
    ("partner", "etat"),
    registry=REGISTRY,
)
DELIVERY_DELAY_SECONDS = Histogram(
    "siao_hub_delivery_delay_seconds",
    "de l'acceptation d'un événement à sa remise, ou à son dépôt dans la boîte, par partenaire",
    ("partner",),
    buckets=DELIVERY_BUCKETS,
    registry=REGISTRY,
)
# --- outages that this process sees
OUTAGE = Gauge(
    "siao_hub_outage",
    "1 tant que ceci manque à ce processus (`postgresql`, `kafka`, `worker` ; d'un partenaire sa `sortie` ou son "
    "`entree` : son disjoncteur, et sa `porte`)",
    ("of", "partner"),
    registry=REGISTRY,
)
HELD_SECONDS = Histogram(
    "siao_hub_event_loop_held_seconds",
    "temps pendant lequel un calcul a fait attendre tout le reste de ce processus, relevé vingt fois par seconde",
    buckets=HELD_BUCKETS,
    registry=REGISTRY,
)


class Shown(NamedTuple):
    """Gauge about the whole hub. One process measures it every 15 seconds."""

    name: str
    means: str
    labels: tuple[str, ...] = ()


MEASURED = Shown("siao_hub_measured_timestamp_seconds", "quand les chiffres ci-dessous ont été mesurés")
PART_UP = Shown("siao_hub_part_up", "1 si PostgreSQL (`postgresql`) ou Kafka (`kafka`) répond", ("part",))
HEARTBEAT = Shown(
    "siao_hub_heartbeat_timestamp_seconds", "le dernier signe de vie d'un rôle, où qu'il tourne", ("role",)
)
PROCESSES = Shown("siao_hub_processes", "processus qui tiennent ce rôle", ("role",))
BACKLOG = Shown("siao_hub_backlog", "ce qui attend à cette étape (10 000 : autant ou plus)", ("etape",))
BACKLOG_OLDEST = Shown(
    "siao_hub_backlog_oldest_seconds", "âge du plus ancien qui attend à cette étape", ("etape",)
)
PARTNER_UP = Shown(
    "siao_hub_partner_up",
    "1 si les derniers essais vers ce partenaire ont abouti (absent vingt secondes après, si rien ne le renouvelle)",
    ("partner",),
)
PARTNER_READABLE = Shown(
    "siao_hub_partner_readable",
    "ce que ce partenaire dépose peut être lu (1), ou non (0) ; rien quand personne ne le sait",
    ("partner",),
)
PARTNER_WAITING = Shown("siao_hub_partner_waiting", "livraisons qui attendent de partir", ("partner",))
PARTNER_LATENESS = Shown(
    "siao_hub_partner_waiting_oldest_seconds",
    "âge de la plus ancienne livraison qui attend de partir",
    ("partner",),
)
PARTNER_SILENCE = Shown(
    "siao_hub_partner_silence_seconds", "depuis combien de temps ce partenaire n'a rien dit", ("partner",)
)
PARTNER_OVERDUE = Shown(
    "siao_hub_partner_overdue_seconds",
    "depuis combien de temps il aurait dû dire quelque chose",
    ("partner",),
)
UNANSWERED = Shown("siao_hub_unanswered", "envois auxquels ce destinataire doit une réponse", ("partner",))
UNANSWERED_OLDEST = Shown(
    "siao_hub_unanswered_oldest_seconds", "depuis quand le plus ancien attend sa réponse", ("partner",)
)
ANSWERED_IN_TIME = Shown(
    "siao_hub_answered_in_time_ratio",
    "part, répondue dans les délais, des envois jugés : ceux remis ce mois-ci, et tous ceux qui attendent encore "
    "(`siao-hub loops`)",
    ("partner", "siao"),
)
STRUCTURE_ANSWERED_IN_TIME = Shown(
    "siao_hub_structure_answered_in_time_ratio",
    "la même part, par structure (FINESS ou SIRET) ; « structure non dite » : candidatures, et adresses secrètes",
    ("partner", "structure"),
)
ANSWER_DELAY = Shown(
    "siao_hub_answer_delay_hours",
    "de la remise à la réponse, des mêmes envois : la médiane (`0.5`) et le neuvième décile (`0.9`)",
    ("partner", "siao", "quantile"),
)
ANSWERED_OBJECTIVE = Shown("siao_hub_answered_in_time_objective", "la part que demande l'objectif en vigueur")
TO_DECIDE = Shown(
    "siao_hub_to_decide",
    "ce qu'un humain doit décider : `quarantaine`, `orphelines`, `refusees`, `incertaines`",
    ("what",),
)
SAFEGUARD_HOLDS = Shown(
    "siao_hub_net_holds", "1 si ce filet tient : disque, certificat, réplique, audit", ("net",)
)
CONDITIONS = Shown(
    "siao_hub_conditions",
    "1 par condition qui dure : son code (docs/astreinte/), et de qui ou de quoi",
    ("code", "about"),
)

COUNTED: tuple[Counter | Histogram | Gauge, ...] = (
    MESSAGES, PUBLISHED, APPLIED, HALVED, QUARANTINED, LOOP_CLOSURE_SECONDS, DELIVERIES, DELIVERY_DELAY_SECONDS, OUTAGE,
    HELD_SECONDS,
)  # fmt: skip
SHOWN: tuple[Shown, ...] = (
    MEASURED, PART_UP, HEARTBEAT, PROCESSES, BACKLOG, BACKLOG_OLDEST, PARTNER_UP, PARTNER_READABLE, PARTNER_WAITING,
    PARTNER_LATENESS, PARTNER_SILENCE, PARTNER_OVERDUE, UNANSWERED, UNANSWERED_OLDEST, ANSWERED_IN_TIME,
    STRUCTURE_ANSWERED_IN_TIME, ANSWER_DELAY, ANSWERED_OBJECTIVE, TO_DECIDE, SAFEGUARD_HOLDS, CONDITIONS,
)  # fmt: skip


class Listed(NamedTuple):
    """Description of a metric, for the page of metrics in the documentation, and to check that alarm rules name
    metrics which exist."""

    kind: str
    labels: tuple[str, ...]
    means: str


def listed() -> Mapping[str, Listed]:
    """Return all metrics, by their name in Prometheus."""
    counted = {_name(m): Listed(m._type, m._labelnames, m._documentation) for m in COUNTED}
    return counted | {s.name: Listed("gauge", s.labels, s.means) for s in SHOWN}


def _name(metric: Counter | Histogram | Gauge) -> str:
    return f"{metric._name}_total" if isinstance(metric, Counter) else metric._name
