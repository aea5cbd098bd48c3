"""Read the registry file, and check its entries against the hub's dialects and message types."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from adapters.declaration import JEU, Declaration, cannot_carry
from adapters.registry import ADAPTERS, declaration_for
from adapters.tabulaire.profils import brought, profil, profils
from contracts.envelope import HUB
from contracts.errors import Misconfigured
from contracts.http import SortieHttp
from contracts.kafka import ServeurKafka
from contracts.partner import Famille, Partner
from contracts.reference.territoires import departement_of
from contracts.rest import ServeurRest
from contracts.soap import SortieSoap
from contracts.v1.acte import EvenementActe
from contracts.v1.examen import ExamenAvis
from ops.partners.faults import french
from ops.territories.desks import check_desks
from router.domain.audience import receivable_by
from router.domain.messages import FACTS
from router.domain.partners import Registry
from router.domain.sandbox import PREFIX, SUFFIXES

ACTS = {contrat for contrat in FACTS if issubclass(contrat, EvenementActe)}
READS_ACTS = (Famille.SIAO, Famille.ETAT)
"""The types of partners that must be able to receive every message about acts (agreements and derogations),
and a SIAO's opinion on a household that a committee examines. For all other types of partners these messages
are optional."""
PROFILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
"""The names that a column profile may have. They exclude paths, so that no file outside the profiles' folder
is read."""


def load(path: Path, profiles: Path | None = None) -> Registry:
    """Read the registry from a TOML file. Column profiles that are not delivered with the hub are read from
    the folder `profiles`. Raises Misconfigured if anything is wrong; its French text names the entry and the
    field."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("partenaire", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise Misconfigured(f"registre illisible : {path.name} ({exc})") from exc
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Misconfigured(f"registre illisible : {path.name} (chaque entrée commence par [[partenaire]])")
    partners = [
        _entry(number, _with_profile(entry, profiles)) for number, entry in enumerate(entries, start=1)
    ]
    _check(partners)
    return Registry.of(partners)


def _with_profile(entry: Mapping[str, object], folder: Path | None) -> Mapping[str, object]:
    name = entry.get("profil")
    if folder is None or not isinstance(name, str) or name in profils() or not PROFILE_NAME.fullmatch(name):
        return entry
    file = folder / f"{name}.toml"
    if not file.is_file():
        return entry
    try:
        return {**entry, "profil_externe": file.read_text(encoding="utf-8")}
    except (OSError, UnicodeDecodeError) as exc:
        raise Misconfigured(f"profil illisible : {file.name} ({exc})") from exc


def _check_sealed(partner: Partner) -> None:
    if partner.structures_protegees and not isinstance(partner.structures_protegees, str):
        raise Misconfigured(
            f"{partner.id}, structures_protegees : cette liste ne s'écrit pas en clair ; « siao-hub partners sceller "
            f"{partner.id} » la scelle, recopiez ici la ligne qu'il donne"
        )


def _check_profile(partner: Partner) -> None:
    if partner.profil is None:
        return
    try:
        page = brought(partner.profil_externe) if partner.profil_externe else profil(partner.profil)
    except Misconfigured as exc:
        raise Misconfigured(f"{partner.id}, profil : {exc}") from exc
    if page.dialecte not in (*partner.dialectes, partner.dialecte_sortant):
        raise Misconfigured(
            f"{partner.id}, profil : « {partner.profil} » est du dialecte {page.dialecte}, qui n'est pas de l'entrée"
        )


def _check_dialects(partner: Partner) -> None:
    for name in (*partner.dialectes, partner.dialecte_sortant):
        if name is not None and name not in ADAPTERS:
            known = ", ".join(sorted(ADAPTERS))
            raise Misconfigured(f"{partner.id} : dialecte inconnu « {name} » (connus : {known})")


def _check_way_out(partner: Partner) -> None:
    if partner.sortie is None or partner.dialecte_sortant is None:
        return
    missing = lacks(partner.famille, declaration_for(partner, partner.dialecte_sortant))
    if missing:
        raise Misconfigured(
            f"{partner.id} : « {partner.dialecte_sortant} » ne peut porter tout ce qu'un partenaire de sa famille "
            f"({partner.famille}) reçoit ; il y manque : {', '.join(missing)}"
        )


def lacks(famille: Famille, declaration: Declaration) -> list[str]:
    """Return the short names of the messages that a dialect lacks: it cannot write them, and partners of the
    type `famille` must be able to receive them. `declaration` says what the dialect can write."""
    optional = () if famille in READS_ACTS else (*ACTS, ExamenAvis)
    return cannot_carry(declaration, (c for c in receivable_by(famille) if c not in optional))


def _check_envelope(partner: Partner) -> None:
    dialecte = partner.dialecte_sortant
    if not isinstance(partner.sortie, SortieSoap) or dialecte is None:
        return
    if declaration_for(partner, dialecte).formats_ecrits != ("xml",):
        raise Misconfigured(
            f"{partner.id}, sortie : SOAP ne porte que du XML, que « {dialecte} » n'écrit pas"
        )


def _check_set(partner: Partner) -> None:
    dialecte = partner.dialecte_sortant
    if partner.sortie is None or dialecte is None:
        return
    if JEU not in declaration_for(partner, dialecte).formats_ecrits:
        return
    if len({departement_of(each) for each in partner.territoires}) > 1:
        raise Misconfigured(
            f"{partner.id}, autres_territoires : « {dialecte} » écrit tout sous un seul département ; faites une "
            "entrée par département, chacune avec son dossier"
        )
    if not partner.takes_sets:
        raise Misconfigured(
            f"{partner.id}, sortie : « {dialecte} » écrit plusieurs fichiers par livraison, qu'un dossier SFTP seul "
            "reçoit ; choisissez une sortie SFTP, ou un autre dialecte"
        )


def _check_lot(partner: Partner) -> None:
    if partner.lot is None or partner.dialecte_sortant is None:
        return
    most = declaration_for(partner, partner.dialecte_sortant).ecrit_au_plus
    if partner.lot.lignes > most:
        holds = "qu'un événement" if most == 1 else f"que {most} événements"
        raise Misconfigured(
            f"{partner.id}, sortie.lot : un fichier « {partner.dialecte_sortant} » ne porte {holds} ; choisissez un "
            "dialecte à tableau, ou retirez « lot »"
        )


def _check_sandbox(partner: Partner) -> None:
    if partner.bac_a_sable != partner.id.startswith(PREFIX):
        raise Misconfigured(
            f"{partner.id}, bac_a_sable : « bac_a_sable = true » va avec un id qui commence par « {PREFIX} », et "
            "seulement avec lui ; pour passer au réel, ajoutez une entrée sous un autre id"
        )
    if partner.bac_a_sable and partner.id.endswith(SUFFIXES):
        raise Misconfigured(
            f"{partner.id}, bac_a_sable : un id qui finit par « {' » ou « '.join(SUFFIXES)} » est d'un partenaire que "
            "le hub joue ; choisissez-en un autre"
        )
    if partner.bac_a_sable and (partner.antenne_de or partner.succede_a):
        raise Misconfigured(
            f"{partner.id}, bac_a_sable : un SIAO d'un bac à sable n'est l'antenne ni le successeur d'aucun autre ; "
            "retirez « antenne_de » et « succede_a »"
        )


def _check_name(partner: Partner) -> None:
    if partner.id == HUB:
        raise Misconfigured(f"l'identifiant « {HUB} » est celui du hub lui-même : choisissez-en un autre")


def _check_line(partner: Partner) -> None:
    for name, line in (("entrée", partner.entree), ("sortie", partner.sortie)):
        if (
            isinstance(line, SortieHttp | ServeurRest | ServeurKafka | SortieSoap)
            and line.leaves_in_clear
            and not line.en_clair
        ):
            raise Misconfigured(
                f"{partner.id}, {name} : l'adresse doit commencer par https:// (Kafka : tls = true) ; si un autre "
                "moyen protège la ligne, écrivez « en_clair = true »"
            )


def _entry(number: int, entry: Mapping[str, object]) -> Partner:
    try:
        return Partner.model_validate(entry)
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "entrée"
        raise Misconfigured(
            f"partenaire n° {number} ({entry.get('id', 'sans id')}), {where} : {french(first)}"
        ) from exc


def _check(partners: Sequence[Partner]) -> None:
    for partner in partners:
        _check_sealed(partner)
        _check_profile(partner)
        _check_dialects(partner)
        _check_way_out(partner)
        _check_envelope(partner)
        _check_set(partner)
        _check_lot(partner)
        _check_name(partner)
        _check_sandbox(partner)
        _check_line(partner)
    for kind, values in (
        ("id", [p.id for p in partners]),
        ("clé d'API", [key for p in partners for key in p.cles_api]),
        ("structure", [s for p in partners if not p.bac_a_sable for s in p.structures]),
    ):
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise Misconfigured(f"{kind} en double : {', '.join(sorted(twice))}")
    check_desks(Registry.of(partners))
