"""Whatever a family may say or hear in JSON, it can say or hear by table."""

from collections.abc import Iterator

import pytest

from adapters.registry import ADAPTERS, TABULAIRES
from adapters.tabulaire.champs import champ, element
from adapters.tabulaire.entete import header
from adapters.tabulaire.lecteurs import COMMUNE, kind
from adapters.tabulaire.plan import OPENED_ONCE, SAID_ANEW, Cas, plan
from contracts.base import Contrat, Nature
from contracts.partner import Famille, Partner
from router.domain.audience import ADDRESSEES, SENDERS, receivable_by
from router.domain.messages import FACTS
from router.domain.parts import Party

MANAGERS = {Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE}
WITH_TABLES = sorted({famille for table in TABULAIRES.values() for famille in table.DECLARATION.familles})
ANYBODYS = "cloudevents_json"
"""A dialect of every family, by which nobody is told what is theirs."""
LISTE = {"menage.pret-logement.declare", "menage.pret-logement.actualise", "menage.pret-logement.retire"}
SIGNED = {Nature.CONVENTION, Nature.DEROGATION}
"""Acts that each signs by its own key, one at a time: none is a row of a table."""
NOT_BY_TABLE = {
    Famille.SIAO: {
        *LISTE,
        "demande.actualisee",
        "menage.doublon-confirme",
        "menage.doublon-ecarte",
        "menage.doublon-suspecte",
        "liste.repondue",
    },
}
"""What a family says or hears elsewhere: the live list of households and the doubles are no rows of a follow-up."""

SAYS_A_COMMUNE = {
    *(Famille.ASILE, Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE, Famille.PRESCRIPTEUR, Famille.SIAO),
    *(Famille.VEILLE_SOCIALE, Famille.ACCOMPAGNEMENT),
}
"""Families whose tables have a column for a commune. The others hear of communes, and say none."""


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
            return nature is not None and famille in SENDERS.get(nature, ())
        case Party.GESTIONNAIRE:
            return famille in MANAGERS
        case Party.OPERATEUR:
            return famille is Famille.ACCOMPAGNEMENT
    return False


def profiles_of(famille: Famille) -> list[str]:
    """The files of the profiles by which a family reads and writes tables."""
    found = (table for table in TABULAIRES.values() if famille in table.DECLARATION.familles)
    return sorted(f"adapters/profiles/{nom}.toml" for table in found for nom in table.profils)


def names(contrats: set[type[Contrat]], famille: Famille, *, tables: bool, read: bool) -> set[str]:
    """Those that some dialect of the family carries: tables, or others."""
    carried = {
        contrat
        for nom, adapter in ADAPTERS.items()
        if (nom in TABULAIRES) is tables and nom != ANYBODYS and famille in adapter.DECLARATION.familles
        for contrat in (adapter.DECLARATION.lit if read else adapter.DECLARATION.ecrit)
    }
    return {contrat.NOM for contrat in carried & contrats if contrat.NATURE not in SIGNED}


@pytest.mark.parametrize("famille", WITH_TABLES)
def test_whatever_a_family_says_in_json_it_can_say_by_table(famille: Famille) -> None:
    said = sayable_by(famille)
    missing = names(said, famille, tables=False, read=True) - names(said, famille, tables=True, read=True)
    lacking = missing - NOT_BY_TABLE.get(famille, set())
    assert lacking == set(), f"à lire dans un profil : [tables.…] d'un de {profiles_of(famille)}"


@pytest.mark.parametrize("famille", WITH_TABLES)
def test_whatever_a_family_hears_in_json_it_can_hear_by_table(famille: Famille) -> None:
    heard = set(receivable_by(famille))
    missing = names(heard, famille, tables=False, read=False) - names(heard, famille, tables=True, read=False)
    lacking = missing - NOT_BY_TABLE.get(famille, set())
    assert lacking == set(), f"à écrire dans un profil : [sortie.evenements] d'un de {profiles_of(famille)}"


@pytest.mark.parametrize("nom", TABULAIRES)
def test_a_row_that_opens_what_needs_a_key_has_its_number_as_one(nom: str) -> None:
    needs = {contrat for contrat in ADAPTERS[nom].DECLARATION.lit if FACTS[contrat].needs_key}
    assert needs <= {*OPENED_ONCE, *SAID_ANEW}


def cases_of(famille: Famille) -> Iterator[Cas]:
    """How a partner of the family in the Somme reads each word of each of its tables, in a file with all columns."""
    partner = Partner(id="somme", nom="Somme", famille=famille, territoire="80")
    for table in TABULAIRES.values():
        for page in table.profils.values() if famille in table.DECLARATION.familles else ():
            for tableau in page.tables.values():
                entete = header(iter([(1, list(tableau.colonnes))]), {"": tableau}, 0, None)
                yield from map(plan(entete, "", partner).cas_of, tableau.mots)


@pytest.mark.parametrize("famille", WITH_TABLES)
def test_each_table_of_a_family_reads_a_commune_by_its_name(famille: Famille) -> None:
    communes = [
        (column, several)
        for cas in cases_of(famille)
        for column in cas.colonnes
        if (found := champ(cas.contrat, column.cible))
        if kind((several := element(found)) or found, cas.contrat, column.cible) == COMMUNE
    ]
    assert bool(communes) is (famille in SAYS_A_COMMUNE)
    for column, several in communes:
        assert column.lire("ABBEVILLE (80100)") == (("80001",) if several else "80001"), column.nom
