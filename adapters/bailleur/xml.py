"""Dialect of social landlords in XML (format assumed by the hub). Codes are written as `<x code="…"/>`, as in
the SNE (the national register of demands for social housing).

Decodes `<suites>`: what happens to candidacies. Encodes `<candidatures>`: events of candidacies, opinions of
the SIAO, alerts. The schema is `adapters/xsd/bailleur.xsd`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from adapters import valeurs
from adapters.bailleur.xml_sortie import EVENEMENTS, encode
from adapters.declaration import Declaration
from adapters.evenements import build, called_by_sender
from adapters.objets import Champ, Objet, RowReader, native_name
from adapters.rejets import Illisible, listed, unknown_code, unknown_type
from adapters.valeurs import Lire
from adapters.violations import violations
from adapters.xml import Element, names_of, parse_xml, refused_for_nir, schema
from contracts.base import Contrat, people_in
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.plurals import many
from contracts.ports import Decoded, Ligne, Native, Rejet
from contracts.reference.codes import ResultatCommission
from contracts.v1 import attribution

__all__ = ["DECLARATION", "decode", "encode"]

NAMESPACE = "{urn:siao-hub:bailleur:1}"
VERSION = "01.00"
SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
"""Attribute by which tools name the schema of a document. The hub ignores it: it reads only its own
schema."""
ID_MESSAGE = re.compile(r"[A-Za-z0-9._:/-]{1,100}")

RESULTATS = {
    "ATT": ResultatCommission.ATTRIBUTION,
    "RNG": ResultatCommission.ATTRIBUTION_RANG,
    "CSP": ResultatCommission.SOUS_CONDITION,
    "NAT": ResultatCommission.NON_ATTRIBUTION,
    "IRR": ResultatCommission.IRRECEVABILITE,
}
REPONSES: Mapping[str, tuple[type[Contrat], dict[str, bool]]] = {
    "ACC": (attribution.PropositionAcceptee, {}),
    "REF": (attribution.PropositionRefusee, {"silence": False}),
    "SIL": (attribution.PropositionRefusee, {"silence": True}),
}


def _coded(codes: Mapping[str, object]) -> Lire:
    def read(value: str) -> object:
        if value not in codes:
            raise Illisible("code_inconnu", unknown_code(listed(list(codes))))
        return codes[value]

    return read


ENREGISTREMENTS: Mapping[str, type[Contrat]] = {
    "accuse": attribution.CandidatureAccusee,
    "inscription": attribution.CandidatureInscrite,
    "decision": attribution.DecisionCommission,
    "conditionLevee": attribution.ConditionLevee,
    "proposition": attribution.EvenementCandidature,  # its <reponse> decides: see REPONSES
    "bail": attribution.BailSigne,
}
DECLARATION = Declaration(
    nom="bailleur_xml",
    familles=(Famille.BAILLEUR, Famille.CIL),
    lit=(
        *(contrat for name, contrat in ENREGISTREMENTS.items() if name != "proposition"),
        *dict.fromkeys(contrat for contrat, _ in REPONSES.values()),
    ),
    ecrit=tuple(EVENEMENTS.values()),
    formats_lus=("xml",),
    formats_ecrits=("xml",),
    lit_plusieurs=True,
    ecrit_au_plus=1,
)
CHAMPS = Objet(
    {
        "refCandidature": Champ(
            "candidature",
            valeurs.candidacy,
            "UUID reçu du hub, ou numéro unique, suivi de /logement s'il y en a deux",
        ),
        "dateCommission": Champ("commission_le", valeurs.day, "date de la commission"),
        "resultat": Champ("resultat", _coded(RESULTATS), "décision de la commission"),
        "rang": Champ("rang", valeurs.whole_number, "rang, avec le résultat RNG et lui seul"),
        "dateNotification": Champ(
            "notifiee_le", valeurs.day, "avec ATT : date à laquelle l'offre est notifiée au ménage"
        ),
        "logementAttribue": Champ("logement", valeurs.code, "numéro RPLS du logement attribué"),
        "delaiJours": Champ(
            "delai_jours", valeurs.whole_number, "avec ATT : jours que l'offre lui laisse, de 10 à 365"
        ),
        "dateSignature": Champ("signature_le", valeurs.day, "date de signature du bail"),
        "dateEffet": Champ("effet_le", valeurs.day, "date d'effet du bail"),
    },
    ignores=frozenset({"reponse"}),
)


def decode(native: Native, partner: Partner) -> Decoded:
    """Decode a document `<suites>`. Each of its child elements is one event of a candidacy. Raises
    InvalidNative for any other document."""
    root = parse_xml(native.body)
    if (refused := refused_for_nir(root)) is not None:
        return refused
    _check_root(root)
    return Decoded(_lignes(root, partner), root.get("idMessage"))


def _check_root(root: Element) -> None:
    if root.tag != f"{NAMESPACE}suites":
        raise InvalidNative(
            f'racine inconnue : écrivez <suites xmlns="{NAMESPACE[1:-1]}">, avec cet espace de noms'
        )
    if root.get("versionInterface") != VERSION:
        raise InvalidNative(f'version inconnue : écrivez versionInterface="{VERSION}" sur <suites>')
    if not len(root):
        raise InvalidNative("<suites> est vide : envoyez au moins un enregistrement")
    if unknown := set(root.attrib) - {"versionInterface", "idMessage", SCHEMA_LOCATION}:
        raise InvalidNative(
            f"{many(len(unknown), 'attribut inconnu')} sur <suites> : n'y écrivez que versionInterface et idMessage"
        )
    if any(text and not text.isspace() for text in (root.text, *(record.tail for record in root))):
        raise InvalidNative("texte entre deux enregistrements de <suites> : retirez-le")
    if not ID_MESSAGE.fullmatch(root.get("idMessage", "-")):
        raise InvalidNative(
            "attribut idMessage illisible : écrivez 1 à 100 lettres sans accent, chiffres ou . _ : / -"
        )


def _lignes(root: Element, partner: Partner) -> Iterator[Ligne]:
    for numero, record in enumerate(root, 1):
        yield _ligne(record, numero, partner)


def _ligne(record: Element, numero: int, partner: Partner) -> Ligne:
    name = str(record.tag).removeprefix(NAMESPACE)
    if name not in ENREGISTREMENTS:
        message = unknown_type(ENREGISTREMENTS, name, "enregistrement inconnu")
        return _refused(record, numero, Rejet("type_inconnu", message, numero))
    wrong = tuple(violations(schema("bailleur"), names_of("bailleur"), record, numero))
    if wrong:
        return _refused(record, numero, *wrong, *_missing_fields(wrong, name, record, numero, partner))
    return _event(name, _leaves(record), numero, partner)


def _refused(record: Element, numero: int, *wrong: Rejet) -> Ligne:
    cited = {"refCandidature": record.findtext(f"{NAMESPACE}refCandidature", "")}
    values = RowReader(0, []).read(cited, CHAMPS)
    about = called_by_sender(values.get("candidature"))
    return Ligne(
        numero, rejets=tuple(replace(each, reference=about) for each in wrong), lus=people_in(values)
    )


def _missing_fields(
    wrong: Sequence[Rejet], name: str, record: Element, numero: int, partner: Partner
) -> Iterator[Rejet]:
    """Yield a rejection for each obligatory field that the record lacks, unless `wrong` has a rejection of
    this field. `wrong`: rejections of the record; `name`, `numero`: the record's name and its number in the
    document."""
    blamed = {str(rejet.champ).partition("@")[0] for rejet in wrong}
    leaves = {leaf: text for leaf, text in _leaves(record).items() if leaf not in blamed}
    found = _event(name, leaves, numero, partner).rejets
    return (rejet for rejet in found if rejet.code == "champ_absent" and rejet.champ not in blamed)


def _event(name: str, leaves: Mapping[str, str], numero: int, partner: Partner) -> Ligne:
    contrat, extra = REPONSES.get(leaves.get("reponse", ""), (ENREGISTREMENTS[name], {}))
    reading = RowReader(numero, [])
    values: dict[str, Any] = {**reading.read(leaves, CHAMPS), **extra}
    name_of = partial(native_name, CHAMPS)
    return build(contrat, values, partner, numero, name_of, reading.rejets, reading.repairs)


def _leaves(record: Element) -> dict[str, str]:
    return {
        str(leaf.tag).removeprefix(NAMESPACE): (leaf.get("code") or leaf.text or "").strip()
        for leaf in record
    }
