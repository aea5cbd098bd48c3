"""Check identifiers of establishments, territories and demands.

Each function that is named after an identifier returns its normal form (no spaces, upper case). For a wrong
value, it raises a ValueError, in French, that does not quote the value.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Annotated

from stdnum import luhn
from stdnum.fr import nir

from contracts.reference.regle import Regle
from contracts.reference.territoires import communes, departements, rattachements

SIREN_LA_POSTE = "356000000"
SIRET_SIEGE_LA_POSTE = "35600000000048"
CORSE_EN_CHIFFRES = {"2A": "21", "2B": "22"}
OUTRE_MER_DES_MINISTERES = {"9A": "971", "9B": "972", "9C": "973", "9D": "974", "9F": "976"}
"""INSEE codes of overseas départements, by the code that the ministries use in their statistics. A commune
`9A101` of the ministries is `97101` for INSEE."""
OUTRE_MER_DES_FINESS = {
    "9701": {"971", "977", "978"},
    "9702": {"972"},
    "9703": {"973"},
    "9704": {"974"},
    "9805": {"976"},
}
"""INSEE codes of overseas départements, by the first four digits of a FINESS from there."""

_NOTATION_SCIENTIFIQUE = re.compile(r"[0-9]([.,][0-9]*)?E\+?[0-9]{1,2}")
_CHIFFRES = re.compile(r"[0-9]+")
_FINESS = re.compile(r"([0-9]{2}|2[AB])[0-9]{7}")
_RPLS = re.compile(r"[0-9A-Z]{1,20}")
_NUMERO_UNIQUE = re.compile(r"[0-9A-Z]{3}(0[1-9]|1[0-2])[0-9]{2}[0-9A-Z]{11}")
_RNA = re.compile(r"W[0-9]{9}")
_ACTE = re.compile(r"([A-Z]{1,4}[-/])?([0-9]{1,6}|2[AB])([-/]([0-9]{1,6}|2[AB])){0,3}")

_NIR_SEPARATEUR = r"[ \t\u00a0\u2009\u202f.\-/]{0,3}"
_NIR_CHAMPS = (
    r"[123478]",  # sex; 3, 4, 7, 8 while the registration of a person born abroad is under way
    r"[0-9]{2}",  # year of birth
    r"(?:0[1-9]|1[0-2]|20|3[0-9]|4[0-2]|[5-9][0-9])",  # month; above 12 where the birth is not fully known
    r"(?:0[1-9]|[1-9][0-9]|2[ABab])",  # département; 99 abroad
    r"[0-9]{3}",  # commune or country
    r"[0-9]{3}",  # rank of the birth among those of the month and commune
)
_NIR_CLE = r"(?:cl[ée] ?:? ?)?([0-9]{2})"
REMEMBERED = 4096
"""Largest number of checked codes that a cache keeps. There is a cache because the same few codes are in
every message."""

_NIR = re.compile(
    f"(?<![0-9+])(?=({_NIR_SEPARATEUR.join(_NIR_CHAMPS)}){_NIR_SEPARATEUR}{_NIR_CLE}(?![0-9]))", re.IGNORECASE
)
_CORSE_DU_NIR = {"2A": "19", "2B": "18"}
_LETTRES_OU_CHIFFRES = re.compile(r"[^0-9A-Z]")


def siren(text: str) -> str:
    """Return a SIREN in its normal form: 9 digits, the last one a Luhn check digit. Raises ValueError for any
    other text."""
    number = _digits(text, "SIREN", 9)
    _check(luhn.is_valid(number), "SIREN")
    return number


@lru_cache(REMEMBERED)
def siret(text: str) -> str:
    """Return a SIRET in its normal form: 14 digits. Raises ValueError if a Luhn check fails, either of all
    digits or of the first nine (SIREN). For a SIRET of La Poste, except that of its seat, another rule
    replaces the check of all digits: their sum must be divisible by 5."""
    number = _digits(text, "SIRET", 14)
    _check(luhn.is_valid(number[:9]), "SIRET")
    if number.startswith(SIREN_LA_POSTE) and number != SIRET_SIEGE_LA_POSTE:
        _check(sum(map(int, number)) % 5 == 0, "SIRET")
    else:
        _check(luhn.is_valid(number), "SIRET")
    return number


@lru_cache(REMEMBERED)
def finess(text: str) -> str:
    """Return a FINESS in its normal form: 9 characters with a Luhn check digit. A FINESS of Corsica keeps its
    letter. Raises ValueError for any other text."""
    number = _present(text, "FINESS")
    if number[:2] not in CORSE_EN_CHIFFRES:
        number = _digits(number, "FINESS", 9)
    if not _FINESS.fullmatch(number):
        raise ValueError("FINESS illisible : écrivez 9 chiffres, ou 2A/2B puis 7 chiffres en Corse")
    _check(luhn.is_valid(CORSE_EN_CHIFFRES.get(number[:2], number[:2]) + number[2:]), "FINESS")
    return number


def departements_of_finess(number: str) -> Collection[str]:
    """Return the codes of the départements that the first digits of a FINESS may mean. For most numbers, this
    is one code. The numbers of Guadeloupe, Saint-Barthélemy and Saint-Martin begin alike, so all three codes
    are returned for them."""
    return OUTRE_MER_DES_FINESS.get(number[:4], {number[:2]})


@lru_cache(REMEMBERED)
def etablissement(text: str) -> str:
    """Return the identifier of a structure in its normal form: a SIRET if it has 14 characters, else a FINESS.
    Raises ValueError for a text that is neither."""
    number = _present(text, "FINESS ou SIRET")
    return siret(number) if len(number) == 14 else finess(number)


def numero_unique(text: str) -> str:
    """Return a numéro unique in its normal form: territory (3 characters), month and year (MMYY), serial
    number (6), registration office (5). Raises ValueError for any other text."""
    number = _present(text, "numéro unique")
    if len(number) != 18:
        raise ValueError("numéro unique illisible : écrivez ses 18 caractères, tels que sur l'attestation")
    if not _NUMERO_UNIQUE.fullmatch(number):
        raise ValueError(
            "numéro unique illisible : reprenez-le de l'attestation (territoire, mois et année MMAA, ordre, guichet)"
        )
    return number


def rpls(text: str) -> str:
    """Return a dwelling's number in its normal form: 1 to 20 letters and digits. The number is the one in the
    register of social housing (RPLS), or the landlord's own. Raises ValueError for any other text."""
    number = _present(text, "numéro de logement")
    if not _RPLS.fullmatch(number):
        raise ValueError("numéro de logement illisible : écrivez 1 à 20 lettres sans accent ou chiffres")
    return number


def rna(text: str) -> str:
    """Return an association's number in the national register (RNA): W and 9 digits. Raises ValueError for
    any other text."""
    number = _present(text, "RNA")
    if not _RNA.fullmatch(number):
        raise ValueError("RNA illisible : écrivez W suivi de 9 chiffres")
    return number


@lru_cache(REMEMBERED)
def code_commune(text: str) -> str:
    """Return the INSEE code of a commune that exists today. Any of these codes is accepted in `text`: that of
    the commune; that of a unit within it (arrondissement, commune déléguée or associée) or of a former
    commune; that of the ministries for an overseas commune (`9A101` gives `97101`). Raises ValueError for any
    other text."""
    code = commune_insee(_present(text, "code commune"))
    code = rattachements().get(code, code)
    if code in communes():
        return code
    if len(code) == 4 and f"0{code}" in communes():
        raise ValueError(
            "code commune privé par un tableur de son zéro de tête : formatez la colonne en texte"
        )
    raise ValueError("code commune inconnu du COG : écrivez le code INSEE, et non le code postal")


def commune_insee(code: str) -> str:
    """Return the INSEE code of an overseas commune, given the code that the ministries use (`9A101` gives
    `97101`). Return any other text unchanged."""
    if code[:2] in OUTRE_MER_DES_MINISTERES and OUTRE_MER_DES_MINISTERES[code[:2]][2:] == code[2:3]:
        return f"97{code[2:]}"
    return code


def code_departement(text: str) -> str:
    """Return the INSEE code of a département: `1` and `001` give `01`, `075` gives `75`, `9A` gives `971`.
    Raises ValueError for an unknown code."""
    code = _present(text, "code département")
    code = OUTRE_MER_DES_MINISTERES.get(code, code).lstrip("0").zfill(2)
    if code not in departements():
        raise ValueError("code département inconnu du COG : écrivez 01, 2A ou 974")
    return code


def departement_de_commune(commune: str) -> str:
    """Return the code of the département in which a commune lies, given the commune's code in any spelling
    that `code_commune` accepts. Raises ValueError for an unknown code."""
    return communes()[code_commune(commune)]


def contient_nir(text: str) -> bool:
    """Return whether a text contains a NIR (social security number) with a valid key. Among other numbers of
    15 digits, about one in 200 has a valid key by chance."""
    return any(_nir_key_holds(match[1], match[2]) for match in _NIR.finditer(text))


def reference_acte(text: str) -> str:
    """Return the number of a derogation or agreement in its normal form: at most four letters, then groups of
    digits (`DER-2026-17`). This form cannot hold a person's name. Raises ValueError for any other text."""
    reference = _present(text, "référence d'acte")
    if not _ACTE.fullmatch(reference):
        raise ValueError(
            "référence illisible : écrivez le numéro de l'acte, sans texte : au plus 4 lettres, puis 1 à 4 groupes de "
            "chiffres séparés par - ou / (DER-2026-17, 2026/38/17)"
        )
    return reference


def reference_convention(text: str) -> str:
    """Return the number of an agreement in its normal form: `2026/4`, or `69:2026/4` if the agreement belongs
    to a département (69) that is not the writing partner's. Raises ValueError for a text of neither form."""
    departement, colon, numero = compact(text).rpartition(":")
    return f"{code_departement(departement) if colon else ''}{colon}{reference_acte(numero)}"


def _nir_key_holds(number: str, key: str) -> bool:
    plain = _LETTRES_OU_CHIFFRES.sub("", number.upper())
    digits = plain[:5] + _CORSE_DU_NIR.get(plain[5:7], plain[5:7]) + plain[7:]
    return 97 - int(digits) % 97 == int(key) and nir.is_valid(plain + key)


def compact(text: str) -> str:
    """Return an identifier in upper case, without spaces."""
    return "".join(text.split()).upper()


def _present(text: str, nom: str) -> str:
    number = compact(text)
    if not number:
        raise ValueError(f"{nom} absent : renseignez-le")
    if _NOTATION_SCIENTIFIQUE.fullmatch(number):
        raise ValueError(f"{nom} abîmé par un tableur (notation scientifique) : formatez la colonne en texte")
    return number


def _digits(text: str, nom: str, longueur: int) -> str:
    number = _present(text, nom)
    if not _CHIFFRES.fullmatch(number):
        raise ValueError(f"{nom} illisible : écrivez {longueur} chiffres")
    if nom == "SIRET" and len(number) == 9:
        raise ValueError("SIRET incomplet : 9 chiffres (SIREN), ajoutez les 5 de l'établissement (NIC)")
    if len(number) == longueur - 1:
        raise ValueError(
            f"{nom} de {longueur - 1} chiffres au lieu de {longueur} : un tableur a pu ôter le zéro de tête, "
            "formatez la colonne en texte"
        )
    if len(number) != longueur:
        raise ValueError(f"{nom} de {len(number)} chiffres au lieu de {longueur} : vérifiez la saisie")
    if not number.strip("0"):
        raise ValueError(f"{nom} fait de zéros seulement : vérifiez la saisie")
    return number


def _check(holds: bool, nom: str) -> None:
    if not holds:
        raise ValueError(f"{nom} invalide : sa clé de contrôle est fausse, vérifiez la saisie")


Siren = Annotated[str, Regle("siren", siren, r"^[0-9]{9}$")]
Siret = Annotated[str, Regle("siret", siret, r"^[0-9]{14}$")]
Finess = Annotated[str, Regle("finess", finess, r"^([0-9]{2}|2[AB])[0-9]{7}$")]
Etablissement = Annotated[
    str, Regle("etablissement", etablissement, r"^([0-9]{14}|([0-9]{2}|2[AB])[0-9]{7})$")
]
NumeroUnique = Annotated[str, Regle("numero_unique", numero_unique, r"^[0-9A-Z]{3}[01][0-9]{3}[0-9A-Z]{11}$")]
IdentifiantRpls = Annotated[str, Regle("rpls", rpls, r"^[0-9A-Z]{1,20}$")]
Rna = Annotated[str, Regle("rna", rna, r"^W[0-9]{9}$")]
ReferenceActe = Annotated[
    str,
    Regle(
        "reference_acte",
        reference_acte,
        r"^([A-Z]{1,4}[-/])?([0-9]{1,6}|2[AB])([-/]([0-9]{1,6}|2[AB])){0,3}$",
    ),
]
"""Number of a derogation or agreement, such as `DER-2026-17`."""
ReferenceConvention = Annotated[
    str,
    Regle(
        "reference_acte",
        reference_convention,
        r"^(([0-9]{2,3}|2[AB]):)?([A-Z]{1,4}[-/])?([0-9]{1,6}|2[AB])([-/]([0-9]{1,6}|2[AB])){0,3}$",
    ),
]
"""Number of an agreement. If the agreement belongs to a département that is not the partner's, the number
begins with the code of that département (`69:2026/4`)."""
CodeCommune = Annotated[str, Regle("code_commune", code_commune, r"^([0-9]{2}|2[AB])[0-9]{3}$")]
CodeDepartement = Annotated[str, Regle("code_departement", code_departement, r"^([0-9]{2,3}|2[AB])$")]
