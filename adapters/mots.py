"""Collect the names of fields, elements and attributes in all dialects. None of them is a person's name, so
the hub keeps them readable when it masks a message."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

from adapters import messages
from adapters.objets import Objet
from adapters.registry import ADAPTERS
from adapters.xml import names_of, xml_schemas

AROUND = frozenset(
    {
        *(
            "id",
            "source",
            "type",
            "subject",
            "time",
            "specversion",
            "datacontenttype",
            "data",
            "partitionkey",
        ),
        *("resourceType", "entry", "resource", "Bundle", "Task", "text", "note", "contained", "system"),
        *("evenements", "evenement", "interfaceNuu", "listeEvenements", "entete", "typeFichier", "demande"),
        *("demandeLogement", "radiation", "codeTypeEvenement", "idEvenement", "dateModification", "code"),
        *("caracteristiqueSpecifique", "valeurCaracteristiqueSpecifique", "sousMotifIrrecevabilite"),
        *("versionInterface", "idMessage", "xml", "version", "encoding", "xmlns", "xsi", "schemaLocation"),
        *("soap", "soapenv", "Envelope", "Header", "Body", "Fault", "faultcode", "faultstring", "detail"),
    }
)
"""Names of what stands around the fields of a message, in CloudEvents, FHIR, the SNE's files, XML and
SOAP."""
ANSWERS = frozenset(
    {
        *("title", "detail", "status", "error", "errors", "message", "messages", "field", "path", "result"),
        *("erreur", "erreurs", "champ", "champs", "rejets", "etat", "statut", "resultat", "ligne"),
    }
)
"""Names of fields that stay readable in partners' answers."""


@cache
def names() -> frozenset[str]:
    """Return the names of fields, XML elements and attributes that dialects know, or that are frequent in
    partners' answers. No person's name is among them. The hub keeps these names readable when it masks the
    values of a message."""
    of_tables = {name for dialect in ADAPTERS.values() for name in _names(_parts(dialect))}
    of_schemas = {name for file in xml_schemas() for name in names_of(file.removesuffix(".xsd"))}
    return AROUND | ANSWERS | of_tables | of_schemas


def _parts(dialect: object) -> tuple[object, ...]:
    return tuple(vars(dialect).values()) if isinstance(dialect, ModuleType) else ()


def _names(node: object) -> Iterator[str]:
    match node:
        case Objet():
            yield from (*node.champs, *node.ignores)
            yield from _names(tuple(node.champs.values()))
        case messages.Dialecte():
            yield node.cle
            yield from _names(node.tables)
        case Mapping():
            yield from _names(tuple(node.values()))
        case tuple():
            for each in node:
                yield from _names(each)
