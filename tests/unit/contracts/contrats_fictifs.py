"""Hypothesis strategies for all contracts, made from their fields, so that a new contract is covered."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from hypothesis import strategies as st

from contracts.base import Contrat, Modele
from contracts.reference.codes import MotifRadiation, MotifRefus, ResultatCommission
from contracts.reference.regle import Regle
from contracts.v1 import CONTRATS
from contracts.v1.acte import EvenementActe
from contracts.v1.aide_sociale import AideSocialeDemandee, AideSocialeRepondue, MotifRefusAide
from contracts.v1.attribution import (
    DELAI_MAXIMAL_JOURS,
    DELAI_MINIMAL_JOURS,
    DecisionCommission,
    RadiationSne,
)
from contracts.v1.convention import ConventionBilan, ConventionSignee, DerogationAccordee, Objet, Signataire
from contracts.v1.demande import SignalementRecu
from contracts.v1.evaluation import ConclusionEvaluation, Evaluation
from contracts.v1.menage import COUPLES_ET_FAMILLES, AVerifier, Menage, MenageSurListe, Personne
from contracts.v1.orientation import OrientationProposee, OrientationRefusee
from contracts.v1.place import PlacesComptees
from contracts.v1.pret_logement import (
    ListeRepondue,
    MotifRefusDeclaration,
    MotifRefusListe,
    PieceManquante,
    PretLogementRepondu,
    ReponseDeclaration,
    ReponseListe,
)

GESTIONNAIRE = "chrs-tilleuls"
MAINTENANT = datetime(2026, 3, 1, 12, tzinfo=UTC)
IDENTIFIANTS = {
    "siret": ("26010004500012",),
    "etablissement": ("010000024", "26010004500012", "2A0000154"),
    "numero_unique": ("1110318016982G1104", "0690120123456AB123"),
    "code_departement": ("01", "2A", "974"),
    "reference_acte": ("DER-2026-17", "2026/2A/17"),
    "rpls": ("0123456789", "LOT7"),
    "piece": ("IDENTITE 2026-03-01", "RESSOURCES 2026-02-11"),
    "code_commune": ("01451", "2A004", "75056", "97411"),
}


DU, AU = date(2026, 1, 1), date(2027, 1, 1)
NUMBERED = {"numero": st.sampled_from(IDENTIFIANTS["reference_acte"])}
RENEWED = {"tacite_reconduction_mois": st.none() | st.integers(1, 120)}
AGREED: dict[type[Contrat], dict[str, st.SearchStrategy[Any]]] = {
    ConventionSignee: {
        **RENEWED,
        "objet": st.sampled_from((Objet.CONTINGENT, Objet.COLLECTIVITE)),
        "signataires": st.just(IDENTIFIANTS["siret"] * 2),
        "du": st.just(DU),
        "au": st.none() | st.just(AU),
        "reference_cnil": st.none() | st.sampled_from(("2014-123", "REG-2026-12")),
    },
    ConventionBilan: {
        "du": st.just(DU),
        "au": st.just(AU),
        "attributions": st.integers(200, 900),
        "dalo": st.integers(0, 100),
        "sous_accord": st.integers(0, 100),
    },
    DerogationAccordee: {
        **RENEWED,
        "signataires": st.just(tuple(Signataire)),
        "quota": st.integers(1, 50),
        "du": st.just(DU),
        "au": st.just(AU),
    },
    AideSocialeDemandee: {"accueil_du": st.just(DU), "jusqu_au": st.just(AU)},
    SignalementRecu: {"adultes": st.integers(0, 8), "enfants": st.integers(1, 8)},
    RadiationSne: {"motif": st.just(MotifRadiation.FUSION)},
    AideSocialeRepondue: {"motif": st.sampled_from(MotifRefusAide)},
}
"""Strategies for fields without which agreements, derogations and other contracts would be incomplete."""


READY = (ConclusionEvaluation.PRET, ConclusionEvaluation.PRET_AVEC_ACCOMPAGNEMENT)
"""Conclusions of an evaluation that must come with a household."""


@cache
def menages() -> st.SearchStrategy[Menage]:
    """Return a strategy for households whose members, numbers and composition agree."""
    return st.sampled_from(sorted(COUPLES_ET_FAMILLES)).flatmap(_menages_of)


@cache
def contrats(contrat: type[Contrat]) -> st.SearchStrategy[Any]:
    """Return a strategy for valid contracts of one type."""
    if contrat is OrientationRefusee:
        return _built(contrat, motif=st.sampled_from(MotifRefus)).map(_of_its_author)
    if contrat is DecisionCommission:
        days = st.none() | st.integers(DELAI_MINIMAL_JOURS, DELAI_MAXIMAL_JOURS)
        decided = _built(contrat, resultat=st.sampled_from(ResultatCommission), delai_jours=days)
        return decided.map(_with_its_rank)
    if contrat is OrientationProposee:
        given = {
            "structure": st.sampled_from(IDENTIFIANTS["etablissement"]),
            "gestionnaire": st.none() | st.just(GESTIONNAIRE),
            "autres_places": st.just(()),
        }
        alone = _built(contrat, **given).map(_with_its_manager)
        return st.builds(_with_other_places, alone, st.lists(st.uuids(), unique=True, max_size=3))
    if issubclass(contrat, PlacesComptees):
        places = st.integers(0, 300_000)
        return _built(contrat, occupees=places, vacantes=places, indisponibles=places).map(_summed)
    if contrat is ListeRepondue:
        return _built(contrat, reponse=st.sampled_from(ReponseListe)).map(_with_what_it_says)
    if contrat is PretLogementRepondu:
        return _built(contrat).map(_with_its_motive)
    named = NUMBERED if issubclass(contrat, EvenementActe) else {}
    return _built(contrat, **named, **AGREED.get(contrat, {}))


def tous() -> st.SearchStrategy[Contrat]:
    """Return a strategy for valid contracts of any type."""
    return st.sampled_from(list(CONTRATS.values())).flatmap(contrats)


@cache
def _menages_of(composition: str) -> st.SearchStrategy[Menage]:
    couple, famille = COUPLES_ET_FAMILLES[composition]
    adultes = st.integers(2, 4) if couple else st.just(1)
    enfants = st.integers(1, 4) if famille else st.just(0)
    return st.tuples(adultes, enfants).flatmap(lambda n: _menages_of_size(composition, *n))


@cache
def _menages_of_size(composition: str, adultes: int, enfants: int) -> st.SearchStrategy[Menage]:
    personnes = st.lists(_built(Personne), min_size=adultes + enfants, max_size=adultes + enfants)
    return _built(
        Menage,
        composition=st.just(composition),
        adultes=st.just(adultes),
        enfants=st.just(enfants),
        personnes=st.just(()) | personnes.map(tuple),
        telephone=st.none()
        | st.from_regex(r"0[1-9]([ .]?[0-9]{2}){4}|\+3[24]([ .]?[0-9]){8}", fullmatch=True),
        a_verifier=st.none() | st.lists(st.sampled_from(AVerifier), unique=True).map(tuple),
    )


def _on_a_list(menage: Menage) -> MenageSurListe:
    return MenageSurListe(**{name: getattr(menage, name) for name in MenageSurListe.model_fields})


def _built(model: type[Modele], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for a model. Models that depend on several fields are only validated once they are
    complete."""
    fields = {
        name: given[name] if name in given else _values(info.annotation, tuple(info.metadata))
        for name, info in model.model_fields.items()
    }
    lenient = (OrientationRefusee, DecisionCommission, PlacesComptees, ListeRepondue, PretLogementRepondu)
    make = model.model_construct if issubclass(model, lenient) else model
    return st.builds(make, **fields)


def _with_its_manager(referral: OrientationProposee) -> OrientationProposee:
    manager = GESTIONNAIRE if referral.protegee else referral.gestionnaire
    return referral.model_copy(update={"gestionnaire": manager})


def _with_other_places(referral: OrientationProposee, others: list[UUID]) -> OrientationProposee:
    beside = tuple(each for each in others if referral.place not in (None, each))
    return referral.model_copy(update={"autres_places": beside})


def _of_its_author(refus: OrientationRefusee) -> OrientationRefusee:
    return OrientationRefusee(**{**dict(refus), "auteur": refus.motif.auteur})


def _with_its_rank(decision: DecisionCommission) -> DecisionCommission:
    rang = 2 if decision.resultat is ResultatCommission.ATTRIBUTION_RANG else None
    return DecisionCommission(**{**dict(decision), "rang": rang})


def _with_what_it_says(answer: ListeRepondue) -> ListeRepondue:
    refused, incomplete = answer.reponse is ReponseListe.REFUSEE, answer.reponse is ReponseListe.INCOMPLETE
    motif = (answer.motif_refus or next(iter(MotifRefusListe))) if refused else None
    pieces = (answer.pieces or tuple(PieceManquante)[:1]) if incomplete else ()
    return ListeRepondue(**{**dict(answer), "motif_refus": motif, "pieces": pieces})


def _with_its_motive(answer: PretLogementRepondu) -> PretLogementRepondu:
    refused = answer.reponse is ReponseDeclaration.REFUSEE
    motif = (answer.motif_refus or MotifRefusDeclaration.AUTRE) if refused else None
    return PretLogementRepondu(**{**dict(answer), "motif_refus": motif})


def _summed(groupe: PlacesComptees) -> PlacesComptees:
    total = groupe.occupees + groupe.vacantes + groupe.indisponibles
    return type(groupe)(**{**dict(groupe), "capacite": total})


def _values(annotation: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *markers = get_args(annotation)
        return _values(inner, (*markers, *metadata))
    if origin in (Union, UnionType):
        return st.one_of([_values(part, metadata) for part in get_args(annotation)])
    if origin is tuple:
        return st.lists(_values(get_args(annotation)[0], ()), max_size=3).map(tuple)
    if annotation is type(None):
        return st.none()
    return _plain(annotation, metadata)


def _plain(annotation: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if annotation is Menage:
        return menages()
    if annotation is MenageSurListe:
        return menages().map(_on_a_list)
    if annotation is Evaluation:
        return _built(Evaluation, conclusion=st.sampled_from(READY))
    if issubclass(annotation, StrEnum):
        return st.sampled_from(annotation)
    if annotation is str:
        return _texts(metadata)
    if annotation is int:
        least = [m.ge for m in metadata if hasattr(m, "ge")] + [
            m.gt + 1 for m in metadata if hasattr(m, "gt")
        ]
        most = [m.le for m in metadata if hasattr(m, "le")]
        return st.integers(max(least, default=-(2**31)), min(most, default=2**31))
    return _SIMPLE[annotation]


def _texts(metadata: tuple[Any, ...]) -> st.SearchStrategy[str]:
    pattern = next((m.pattern for m in metadata if getattr(m, "pattern", None)), None)
    if pattern is not None:
        return st.from_regex(pattern, fullmatch=True)
    regle = next((m for m in metadata if isinstance(m, Regle)), None)
    if regle is None:
        return st.text(max_size=40)
    return st.sampled_from(regle.valeurs or IDENTIFIANTS[regle.code])


_SIMPLE: dict[type, st.SearchStrategy[Any]] = {
    UUID: st.uuids(),
    bool: st.booleans(),
    date: st.dates(date(1930, 1, 1), date(2030, 12, 31)),
    datetime: st.integers(-(10**6), 10**6).map(lambda seconds: MAINTENANT + timedelta(seconds=seconds)),
}
