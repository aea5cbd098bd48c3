"""Describe the tables of subjects and their deadlines."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, SmallInteger, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from router.store.tables.columns import at, metadata, said

subject = Table(
    "subject",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("nature", Text, nullable=False),
    Column("etat", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("donnees", JSONB, nullable=False),  # C0 and C1 only
    Column("menage", Uuid),
    at("due_at", nullable=True),
    at("changed_at"),
    Index("subject_menage", "menage", postgresql_where=text("menage IS NOT NULL")),
    Index("subject_demand", text("(donnees ->> 'demande')"), postgresql_where=text("donnees ? 'demande'")),
    Index(
        "subject_stay",
        text("(donnees ->> 'orientation')"),
        postgresql_where=text("nature IN ('aide_sociale', 'daho')"),
    ),
    Index(
        "subject_described_as",
        text("(donnees -> 'autres_menages')"),
        postgresql_using="gin",
        postgresql_where=text("donnees ? 'autres_menages'"),
    ),
    Index(
        "subject_owed",
        "etat",
        text("(donnees ->> 'destinataire')"),
        "changed_at",
        postgresql_where=text("donnees ? 'destinataire'"),
    ),
    Index(
        "subject_to_accompany",
        text("(donnees -> 'operateurs_attendus')"),
        postgresql_using="gin",
        postgresql_where=text(
            "donnees ? 'operateurs_attendus'"
            " AND etat IN ('ACCEPTEE', 'ACCUSEE', 'ADMISE', 'ENTREE', 'EN_ATTENTE', 'PREADMISSION', 'PROPOSEE')"
        ),
    ),
    Index(
        "subject_to_label",
        text("(donnees -> 'lecteurs_attendus')"),
        postgresql_using="gin",
        postgresql_where=text("donnees ? 'lecteurs_attendus'"),
    ),
    Index("subject_acts", "id", postgresql_where=text("nature IN ('convention', 'derogation')")),
    Index(
        "subject_to_sign",
        text("(donnees -> 'attendus')"),
        text(
            "(ARRAY[donnees ->> 'gestionnaire', donnees ->> 'structure', donnees ->> 'territoire',"
            " left(donnees ->> 'territoire', 2), left(donnees ->> 'territoire', 3)])"
        ),
        postgresql_using="gin",
        postgresql_where=text("nature IN ('convention', 'derogation') AND etat = 'PROPOSEE'"),
    ),
    Index(
        "subject_places",
        "etat",
        text("(donnees ->> 'gestionnaire')"),
        "changed_at",
        postgresql_where=text(
            "nature = 'place'"
            " AND etat IN ('DISPONIBLE', 'RESERVEE', 'A_LIBERER', 'INDISPONIBLE', 'OCCUPEE', 'DECLAREE')"
        ),
    ),
    Index(
        "subject_brought",
        text("(donnees ->> 'emetteur')"),
        "changed_at",
        postgresql_where=text("nature = 'demande'"),
    ),
    Index(
        "subject_to_take_over",
        text("(donnees ->> 'repreneur')"),
        "changed_at",
        postgresql_where=text("nature = 'demande' AND donnees ? 'transfert_le'"),
    ),
    Index(
        "subject_referred",
        text("(donnees ->> 'emetteur')"),
        "etat",
        "changed_at",
        postgresql_where=text("donnees ? 'destinataire'"),
    ),
    Index(
        "subject_figures",
        text("(donnees ->> 'gestionnaire')"),
        postgresql_where=text("nature = 'groupe_places'"),
    ),
    Index("subject_ready", "id", postgresql_where=text("nature = 'menage'")),
    Index(
        "subject_listed_of",
        text("(donnees ->> 'emetteur')"),
        postgresql_where=text(
            "nature = 'menage' AND etat IN ('ACTUALISE', 'A_CONFIRMER', 'DECLARE', 'PRESENTE')"
        ),
    ),
    Index(
        "subject_to_explain",
        text("(donnees ->> 'gestionnaire')"),
        "changed_at",
        postgresql_where=text(
            "nature = 'place' AND etat IN ('OCCUPEE', 'A_LIBERER')"
            " AND (donnees ? 'a_justifier_depuis' OR donnees ? 'a_expliquer_depuis')"
        ),
    ),
    Index(
        "subject_evaluating",
        text("(donnees ->> 'evaluateur')"),
        "changed_at",
        postgresql_where=text(
            "nature = 'demande' AND donnees ? 'evaluation_depuis'"
            " AND etat IN ('COMPLETE', 'EN_ATTENTE', 'EVALUEE', 'NON_POURVUE', 'ORIENTEE', 'RECUE')"
        ),
    ),
    Index(
        "subject_received_by",
        text("left(donnees ->> 'remise_le', 7)"),
        text("(donnees ->> 'destinataire')"),
        postgresql_where=text("donnees ? 'remise_le'"),
    ),
)

deadline = Table(
    "deadline",
    metadata,
    Column("subject", Uuid, ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    said("started_at"),  # identifies the deadline, together with its kind
    said("due_at"),
    Column("stage", SmallInteger, nullable=False),  # number of its past stages
    at("next_at", nullable=True),  # moment of the next stage
    Index("deadline_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("deadline_past", "due_at", postgresql_where=text("stage > 0 OR next_at IS NULL")),
)
