"""Whatever a family may say or hear in JSON, it can say or hear by table."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain

import pytest
from pydantic import BaseModel

from adapters.declaration import Declaration
from adapters.registry import ADAPTERS, TABULAIRES
from adapters.rejets import Illisible
from adapters.tabulaire.champs import champ, element
from adapters.tabulaire.entete import header
from adapters.tabulaire.lecteurs import COMMUNE, OPENED_ONCE, kind
from adapters.tabulaire.moments import moment_near
from adapters.tabulaire.plan import SAID_ANEW, Cas, Colonne, plan
from adapters.tabulaire.profil import EVENEMENTS, Profil, Sortie
from adapters.tabulaire.sortie import SUJET
from contracts.base import Contrat, Nature, Reference, classe_of, filled_in
from contracts.partner import OFFERING, Famille, Partner
from contracts.privacy import Classe, DuHub
from contracts.reference.regle import Regle
from contracts.v1.alerte import AlerteSilence
from router.domain.audience import ADDRESSEES, SENDERS, receivable_by
from router.domain.messages import ASSESSORS, FACTS
from router.domain.parts import Party
from router.domain.rights import ALL, rights
from tests.rows import each_row

PEOPLES = sorted(set(Famille) - {Famille.BDOS})
"""The families whose people keep a table. The social observation is a machine, which reads and writes files of its
own (`bdos_fichiers`)."""
OF_A_LIST = {Nature.MENAGE: frozenset({Famille.SIAO})}
"""Who has sent a household that is ready: its SIAO, once it has confirmed what another has declared."""
DOUBLONS = {"menage.doublon-confirme", "menage.doublon-ecarte"}
NOT_SAID_BY_TABLE = {
    Famille.SIAO: DOUBLONS | {"place.reservee"},
    **{famille: {"place.reservee"} for famille in OFFERING},
}
"""What a family says elsewhere: a SIAO tells two households apart where it sees both. That a place is held for a
referral is said by the hub."""
NOT_HEARD_BY_TABLE = {
    Famille.CONTINGENT: {
        *("convention.signee", "convention.contestee", "convention.denoncee"),
        *("convention.echeance", "convention.expiree"),
    },
}
"""What a family hears elsewhere: a prefect's service that keeps a list hears of acts by the table of acts, or at the
desk."""

SAYS_A_COMMUNE = {
    *(Famille.ASILE, Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.PRESCRIPTEUR, Famille.SIAO),
    *(Famille.VEILLE_SOCIALE, Famille.ACCOMPAGNEMENT, Famille.ARS, Famille.SPIP),
}
"""Families whose tables have a column for a commune. The others hear of communes, and say none."""


CODES_NOT_SAID: Mapping[str, Mapping[str, set[str]]] = {
    "menage.composition": {"": {"120"}},
    "evaluation.conclusion": {"": {"PAS_ENCORE_PRET"}},
    "motif": {
        "menage.pret-logement.retire": {"OUBLIE"},
        "place.indisponible": {"SOUS_OCCUPATION"},
        "demande.annulee": {"DOUBLON", "RENONCIATION", "SANS_NOUVELLES"},
        "orientation.refusee": {
            *("ANIMAL", "ANTECEDENT_STRUCTURE", "COHABITATION", "ERREUR_ORIENTATION", "INJOIGNABLE"),
            *("NE_S_EST_PAS_PRESENTE", "RESSOURCES_INSUFFISANTES", "TYPE_HEBERGEMENT"),
        },
    },
    "auteur": {"orientation.refusee": {"AUTRE"}},
    "dispositif": {
        "groupe-places.modifie": {"LOGEMENT"},
        "demande.recue": {"LOGEMENT", "LOGEMENT_ACCOMPAGNE", "STABILISATION"},
        "demande.completee": {"LOGEMENT", "LOGEMENT_ACCOMPAGNE", "STABILISATION"},
        "demande.actualisee": {"LOGEMENT", "LOGEMENT_ACCOMPAGNE", "STABILISATION"},
    },
}
"""Codes for which the tables of some family have no word, by field and message ("" for every message): a single member
of a family, a household that is not ready, what the hub says, what a place of a 115 or of the ARS is not."""


def sayable_by(famille: Famille) -> set[type[Contrat]]:
    """The messages that a family may say, by its part in them."""
    return {
        contrat for contrat, facts in FACTS.items() if any(_plays(famille, contrat, p) for p in facts.said_by)
    }


def _plays(famille: Famille, contrat: type[Contrat], part: object) -> bool:
    nature = contrat.NATURE
    match part:
        case Famille():
            return famille is part
        case Party.DESTINATAIRE:
            return nature is not None and famille in ADDRESSEES.get(nature, ())
        case Party.EMETTEUR:
            return nature is not None and famille in {**SENDERS, **OF_A_LIST}.get(nature, ())
        case Party.GESTIONNAIRE:
            return famille in OFFERING
        case Party.SIAO | Party.REPRENEUR:
            return famille is Famille.SIAO
        case Party.EVALUATEUR:
            return famille in ASSESSORS
        case Party.OPERATEUR:
            return famille is Famille.ACCOMPAGNEMENT
    return False  # the hub; who speaks first, which a family or a manager is; who signs, which no table does


def profiles_of(famille: Famille) -> list[str]:
    """The files of the profiles by which a family reads and writes tables."""
    found = (table for table in TABULAIRES.values() if famille in table.DECLARATION.familles)
    return sorted(f"adapters/profiles/{nom}.toml" for table in found for nom in table.profils)


def tables_of(famille: Famille) -> list[Declaration]:
    """The tables of a family. What they carry can also be said and heard in JSON: CloudEvents is a dialect of all."""
    tables = (table.DECLARATION for table in TABULAIRES.values())
    return [table for table in tables if famille in table.familles]


@each_row("famille", PEOPLES)
def test_whatever_a_family_says_in_json_it_can_say_by_table(famille: Famille) -> None:
    read = {contrat for table in tables_of(famille) for contrat in table.lit}
    missing = {contrat.NOM for contrat in sayable_by(famille) - read}
    assert missing == NOT_SAID_BY_TABLE.get(famille, set()), (
        f"à lire dans un profil : [tables.…] d'un de {profiles_of(famille)}"
    )


@each_row("famille", PEOPLES)
def test_whatever_a_family_hears_in_json_it_can_hear_by_one_table(famille: Famille) -> None:
    heard = set(receivable_by(famille))
    missing = min(({c.NOM for c in heard - {*table.ecrit}} for table in tables_of(famille)), key=len)
    assert missing == NOT_HEARD_BY_TABLE.get(famille, set()), (
        f"à écrire dans un profil : [sortie.evenements] d'un de {profiles_of(famille)}"
    )


DECIDING = (Famille.SIAO, Famille.VEILLE_SOCIALE)
"""Families that choose, from what they are sent, who goes where."""
IN_THE_EXPLANATION = {
    *("due_le", "echeance", "emetteur", "etape", "etat", "gestionnaire", "manquants", "motif", "nature"),
    *("suite", "type_evenement"),
}
"""Fields of an alert that its column « Explication » tells."""
FIELDS_NOT_SHOWN: Mapping[Famille, Mapping[str, set[str]]] = {
    Famille.SIAO: {
        "*": {"menage.a_verifier"},
        "alerte.silence": {"emetteur", "nature", "type_evenement"},
        "demande.transferee": {"siao", "territoire"},
        "demande.transfert-retire": {"siao"},
        "menage.pret-logement.declare": {"fiche", "label"},
        "menage.pret-logement.retire": {"fiche"},
        "place.disponible": {"valable_jusqu_a"},
        "place.liberee": {"valable_jusqu_a"},
        "place.vacante": {"valable_jusqu_a"},
    },
    Famille.VEILLE_SOCIALE: {
        "evaluation.demandee": {"menage", "service"},
        "place.vacante": {"chrs", "reservataire"},
        "place.occupee": {"orientation", "raison"},
    },
}
"""What a table does not show, by message ("*" for every one): what its reader has said or is itself, a number in a
list that it does not read, and when tonight's vacancy ends, which is for the 115."""


def leaves(modele: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Classe]]:
    """Yield the path, without numbers of items, and the class of each field that recipients may see."""
    for name in modele.model_fields.keys() - {"version"}:
        found = champ(modele, name)
        assert found is not None
        inner = (element(found) or found).type
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from leaves(inner, f"{prefix}{name}.")
        elif (classe := classe_of(modele, name)) is not None and filled_in(modele, name) is not DuHub.NOTE:
            yield f"{prefix}{name}", classe


def shown(sortie: Sortie, famille: Famille, contrat: type[Contrat]) -> set[str]:
    """Return the paths of a contract's fields that the columns of a file show."""
    paths = {".".join(s for s in path.split(".") if not s.isdigit()) for path in sortie.colonnes.values()}
    told = IN_THE_EXPLANATION if contrat.DOMAINE == "alerte" and contrat is not AlerteSilence else set()
    around = contrat.SUJET if SUJET in paths else ""
    return {*paths, *told, str(around)}


def lost(famille: Famille, page: Profil) -> set[str]:
    """Return each field that a family may read of a message and that its table does not show, after the message."""
    droits, sortie = rights(famille), page.sortie
    assert sortie is not None
    excepted = FIELDS_NOT_SHOWN[famille]
    return {
        f"{contrat.NOM} {path}"
        for contrat in map(EVENEMENTS.__getitem__, sortie.evenements)
        for path, classe in leaves(contrat)
        if (allowed := droits.paths.get(classe, frozenset())) is ALL or path in allowed
        if path not in shown(sortie, famille, contrat)
        if not {path, path.partition(".")[0]} & {*excepted.get("*", ()), *excepted.get(contrat.NOM, ())}
    }


@each_row("famille", DECIDING)
def test_a_table_shows_all_that_who_decides_may_read(famille: Famille) -> None:
    pages = chain.from_iterable(TABULAIRES[table.nom].profils.values() for table in tables_of(famille))
    whole = [page for page in pages if page.sortie and len(page.sortie.evenements) > 9]
    assert min((lost(famille, page) for page in whole), key=len) == set(), "à montrer : [sortie.colonnes]"


HOME = {
    *(
        "bailleur",
        "canal",
        "commune",
        "commune_logement",
        "convention",
        "hors_commission",
        "logement",
        "loyer",
    ),
    *("reservataire", "typologie"),
}
WHAT_IS_AT_STAKE = {"candidature.presentee": HOME, "demande.non-pourvue": {"motif"}}
"""Fields without which nobody can answer a message, by message."""


@each_row("nom", TABULAIRES)
def test_a_table_says_for_which_home_a_household_is_presented_and_why_a_night_had_no_place(nom: str) -> None:
    for page in TABULAIRES[nom].profils.values():
        for event in WHAT_IS_AT_STAKE.keys() & (page.sortie.evenements.keys() if page.sortie else set()):
            itself = {"bailleur"} if Famille.BAILLEUR in page.familles else set()
            assert page.sortie
            lacking = WHAT_IS_AT_STAKE[event] - {*page.sortie.colonnes.values()} - itself
            assert not lacking, f"« {event} », à montrer : [sortie.colonnes] de {page.nom}"


def codes_of(contrat: type[Contrat], path: str) -> set[str]:
    """The codes of a field; none if it has no list of codes."""
    if (found := champ(contrat, path)) is None:
        return set()
    single = element(found) or found
    if isinstance(single.type, type) and issubclass(single.type, StrEnum):
        return {each.value for each in single.type}
    return {value for each in single.marqueurs if isinstance(each, Regle) for value in each.valeurs}


@each_row("famille", PEOPLES)
def test_a_family_that_writes_words_has_one_for_each_code(famille: Famille) -> None:
    tables = (table for table in TABULAIRES.values() if famille in table.DECLARATION.familles)
    pages = chain.from_iterable(table.profils.values() for table in tables)
    said: dict[tuple[type[Contrat], str], set[str]] = {}
    for tableau in chain.from_iterable(page.tables.values() for page in pages):
        for mot in tableau.mots.values():
            contrat = tableau.contrats[mot.evenement]
            for path in {*tableau.colonnes.values(), *mot.constantes}:
                codes = said.setdefault((contrat, path), set())
                if path in mot.constantes:
                    codes.add(str(mot.constantes[path]))
                elif path in tableau.valeurs:
                    codes.update(tableau.valeurs[path].values())
                else:
                    codes.update(codes_of(contrat, path))
    for (contrat, path), codes in said.items():
        excepted = CODES_NOT_SAID.get(path, {})
        missing = codes_of(contrat, path) - codes - excepted.get("", set()) - excepted.get(contrat.NOM, set())
        assert not missing, f"« {path} » de {contrat.NOM}, un mot dans un profil : {profiles_of(famille)}"


@each_row("nom", TABULAIRES)
def test_a_row_that_opens_what_needs_a_key_has_its_number_as_one(nom: str) -> None:
    needs = {contrat for contrat in ADAPTERS[nom].DECLARATION.lit if FACTS[contrat].needs_key}
    assert needs <= {*OPENED_ONCE, *SAID_ANEW}, "à mettre dans OPENED_ONCE (adapters/tabulaire/lecteurs.py)"


def cases_of(famille: Famille) -> Iterator[Cas]:
    """How a partner of the family in the Somme reads each word of each of its tables, in a file with all columns."""
    partner = Partner(id="somme", nom="Somme", famille=famille, territoire="80")
    for table in TABULAIRES.values():
        for page in table.profils.values() if famille in table.DECLARATION.familles else ():
            for tableau in page.tables.values():
                entete = header(iter([(1, list(tableau.colonnes))]), {"": tableau}, 0, None)
                yield from map(plan(entete, "", partner).cas_of, tableau.mots)


@each_row("famille", PEOPLES)
def test_a_row_that_opens_what_needs_a_key_says_the_senders_own_number(famille: Famille) -> None:
    for cas in cases_of(famille):
        for column in cas.colonnes if FACTS[cas.contrat].needs_key else ():
            if column.cible == cas.contrat.SUJET:
                assert isinstance(_read(column, "N-1"), Reference), (
                    f"« {column.nom} » ({cas.contrat.NOM}) ne lit pas le numéro du partenaire : mettez la nature dans "
                    "_THEIRS (adapters/tabulaire/lecteurs.py), ou choisissez son lecteur dans `lecteurs` du profil"
                )


def _read(column: Colonne, cell: str) -> object:
    try:
        return column.lire(cell)
    except Illisible as exc:
        return exc


@each_row("famille", PEOPLES)
def test_each_table_of_a_family_reads_a_commune_by_its_name(famille: Famille) -> None:
    communes = [
        (column, several)
        for cas in cases_of(famille)
        for column in cas.colonnes
        if (found := champ(cas.contrat, column.cible))
        if kind((several := element(found)) or found, cas.contrat, column.cible) == COMMUNE
    ]
    assert bool(communes) is (famille in SAYS_A_COMMUNE), (
        "si ses tableaux nomment une commune : SAYS_A_COMMUNE"
    )
    for column, several in communes:
        assert column.lire("ABBEVILLE (80100)") == (("80001",) if several else "80001"), column.nom


def interview(cell: str, *territoires: str) -> str:
    """The day and hour, in UTC, of an interview before admission that a structure of these territories writes so."""
    read = moment_near(territoires)(cell)
    assert isinstance(read, datetime)
    return f"{read.astimezone(UTC):%Y-%m-%d %H:%M}"


@each_row(
    "cell",
    [
        "04/03/2026 10:00", "4/3/2026 à 10 h", "04/03/2026 10h00", "2026-03-04T10:00:00", "2026-03-04 10:00",
        "2026-03-04T10:00:00+01:00",
    ],
)  # fmt: skip
def test_an_hour_is_that_of_the_clocks_where_the_sender_works(cell: str) -> None:
    assert interview(cell, "01", "69") == "2026-03-04 09:00"


def test_an_hour_of_a_manager_of_several_islands_of_the_antilles_is_read() -> None:
    assert interview("04/03/2026 10:00", "971", "978") == "2026-03-04 14:00"


def test_an_hour_overseas_is_one_there_and_without_an_offset_needs_one_zone_alone() -> None:
    assert interview("04/03/2026 10:00", "974") == "2026-03-04 06:00"
    for cell, where in (
        ("04/03/2026 10:00", ("01", "974")),
        ("04/03/2026 25:00", ("01",)),
        ("demain", ("01",)),
    ):
        with pytest.raises(Illisible):
            interview(cell, *where)
