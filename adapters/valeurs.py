"""Single values: partners' spelling turned into the contracts' values. A reader is a function that reads one
value. It returns a clean value, or None for "not known"; it raises Illisible for a value that it cannot read.
The contract's types check codes and identifiers afterwards."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from adapters.encodage import clean
from adapters.rejets import Illisible
from contracts.base import FICHE_DIGITS, Nature, Numero, Reference
from contracts.reference.identifiants import code_departement, commune_insee, compact, numero_unique

Lire = Callable[[Any], object]

TRI_STATES: Mapping[str, bool | None] = {
    "OUI": True,
    "NON": False,
    "EN_COURS": None,
    "A_FAIRE": None,
    "NON_RENSEIGNE": None,
    "NR": None,
}
"""SI-SIAO's words for yes, no and unknown."""

MAX_ID_LENGTH = 100
MAX_VALUES = 100
"""Limit on the values in a list field."""
MAX_DIGITS = 15
MAX_NUMBER = 10**MAX_DIGITS
FIRST_YEAR, LAST_YEAR = 1900, 2100

_UNKNOWN_BIRTH = "{} ; année sur quatre chiffres ; inconnue : laissez vide"
_OF_BIRTHS: Mapping[str, str] = {
    "date_illisible": _UNKNOWN_BIRTH,
    "date_imprecise": _UNKNOWN_BIRTH,
    "date_invraisemblable": f"année invraisemblable : écrivez une date depuis {FIRST_YEAR}, avant aujourd'hui",
}
FULL_MOMENT = "écrivez date, heure et décalage : 2026-03-02T14:30:00+01:00"
_ISO_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00(?::00(?:\.0+)?)?", re.ASCII)
_FRENCH_DAY = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})", re.ASCII)
_FRENCH_MONTH = re.compile(r"(\d\d?)/(\d{4})", re.ASCII)
_SPREADSHEET_NUMBER = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?:\D|$))", re.ASCII)
_NUMERO = re.compile(r"(?P<numero>[0-9A-Z]{18})(?P<logement>/[0-9A-Z]{1,20})?")
_FICHE = re.compile(rf"\d{{1,{FICHE_DIGITS}}}", re.ASCII)
_SPACED = re.compile(r"[ .]+")
_FRENCH_PHONE = re.compile(r"(?:0|(?:\+|00)33)[1-9]\d{8}", re.ASCII)
MENDED_PHONE = re.compile(r"(?P<prefix>(?:\+|00)?33(?:\(0\)|0)?)?(?P<number>[1-9]\d{8})", re.ASCII)
"""Pattern of a French telephone number that lacks its leading zero, perhaps with a prefix 33."""
_FOREIGN_PHONE = re.compile(r"(?:\+|00)(?!33|0)\d{8,15}", re.ASCII)
_TRAILING_ZERO = re.compile(r"(\d+)[.,]0+", re.ASCII)


def text(value: Any) -> str:
    """Return a free text in one line. Raises Illisible for a value that is no text, or a text with lost
    characters (U+FFFD) or control characters."""
    if not isinstance(value, str):
        raise Illisible("type_inattendu", "texte attendu : écrivez-le entre guillemets")
    return clean(value)


def telephone(value: Any) -> str:
    """Return a complete telephone number as it is written. A French number is complete with its leading 0,
    +33 or 0033; a foreign number, with the country's code after + or 00. If a French number has only a wrong
    or missing beginning, such as 33 without +, return the number with a leading 0. Raises Illisible for any
    other value."""
    written = text(value)
    digits = _SPACED.sub("", written)
    if _FRENCH_PHONE.fullmatch(digits) or _FOREIGN_PHONE.fullmatch(digits):
        return written
    if mended := MENDED_PHONE.fullmatch(digits):
        return f"0{written}" if digits == mended["number"] else f"0{mended['number']}"
    raise Illisible(
        "format_invalide",
        "téléphone illisible : écrivez dix chiffres, comme 06 12 34 56 78, sans autre texte ; "
        "à l'étranger, + et l'indicatif du pays",
    )


def code(value: Any) -> str:
    """Return as text a code that is given as text or as an integer. Raises Illisible for any other value."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_NUMBER:
        return str(value)
    raise Illisible("type_inattendu", "ni texte, ni nombre entier : écrivez l'un ou l'autre")


def is_number(written: str) -> bool:
    """Return whether a text consists of digits from 0 to 9. `str.isdigit` would also accept "²³"."""
    return written.isascii() and written.isdigit()


def whole_number(value: Any) -> int:
    """Return an integer. A spreadsheet's "4,0" and "1 200" give 4 and 1200. Raises Illisible for a value that
    is no integer, or has more than 15 digits."""
    if type(value) is int and 0 <= value < MAX_NUMBER:
        return value
    number = _decimal(value)
    if number != number.to_integral_value():
        raise Illisible("nombre_illisible", "nombre entier attendu : ôtez la décimale")
    return int(number)


def rounded_euros(value: Any) -> int:
    """Return an amount of money in whole euros, rounded. Raises Illisible for a value that is no number, or
    has more than 15 digits."""
    return int(_decimal(value).to_integral_value(ROUND_HALF_UP))


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Illisible("nombre_illisible", "nombre attendu : écrivez-le en chiffres")
    written = _THOUSANDS.sub("", clean(value)).replace(",", ".") if isinstance(value, str) else str(value)
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise Illisible("nombre_illisible", "nombre illisible : écrivez-le en chiffres, sans unité") from None
    if not number.is_finite() or number.adjusted() > MAX_DIGITS or abs(number) >= MAX_NUMBER:
        raise Illisible(
            "nombre_hors_bornes", f"nombre démesuré : vérifiez la saisie, {MAX_DIGITS} chiffres au plus"
        )
    return number


def tri_state(value: Any) -> bool | None:
    """Return True for OUI, False for NON, None for a word that means "unknown". Booleans are returned
    unchanged. Raises Illisible for any other value."""
    if isinstance(value, bool):
        return value
    word = (
        clean(value).upper().replace(" ", "_").replace("À", "A").replace("É", "E")
        if isinstance(value, str)
        else ""
    )
    if word not in TRI_STATES:
        raise Illisible("booleen_illisible", f"ni oui ni non : écrivez {', '.join(TRI_STATES)}")
    return TRI_STATES[word]


def day(value: Any) -> date:
    """Return a date, written as aaaa-mm-jj (perhaps with the hour T00:00) or jj/mm/aaaa. Raises Illisible for
    any other value, and for a year outside 1900 to 2100."""
    if isinstance(value, str):
        written = value.strip()
        if _FRENCH_MONTH.fullmatch(written):
            raise Illisible("date_imprecise", "le jour manque : écrivez la date aaaa-mm-jj ou jj/mm/aaaa")
        return _plausible(_day(written))
    raise _unreadable_date()


def day_or_month(value: Any) -> date:
    """Return a date of birth. A month alone (mm/aaaa) gives the first day of the month. Raises Illisible for
    a value that is neither a date nor a month, and for a year outside 1900 to 2100."""
    month = _FRENCH_MONTH.fullmatch(value.strip()) if isinstance(value, str) else None
    return day(f"01/{month[1]}/{month[2]}") if month else day(value)


def birth(value: Any) -> date:
    """Return the date of birth in a cell, written as aaaa-mm-jj or jj/mm/aaaa. Raises Illisible for a year
    outside 1900 to 2100. Raises it too for text that is no such date; the error then advises to leave the
    cell empty if the date is unknown."""
    try:
        return day(value)
    except Illisible as exc:
        raise Illisible(exc.code, _OF_BIRTHS.get(exc.code, "{}").format(exc)) from None


def _day(written: str) -> date:
    if len(written) > 10 and (midnight := _ISO_MIDNIGHT.fullmatch(written)):
        written = midnight[1]
    try:
        if french := _FRENCH_DAY.fullmatch(written):
            return date(int(french[3]), int(french[2]), int(french[1]))
        if len(written) == 10 and written[4] == written[7] == "-":
            return date.fromisoformat(written)
    except ValueError:
        raise Illisible(
            "date_illisible", "cette date n'existe pas au calendrier : corrigez le jour ou le mois"
        ) from None
    raise _unreadable_date()


def _unreadable_date() -> Illisible:
    return Illisible("date_illisible", "date illisible : écrivez-la aaaa-mm-jj ou jj/mm/aaaa, sans heure")


def _plausible(value: date) -> date:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Illisible(
            "date_invraisemblable", f"année invraisemblable : écrivez-la entre {FIRST_YEAR} et {LAST_YEAR}"
        )
    return value


def moment(value: Any) -> datetime:
    """Return a date and time, written in ISO 8601 with a UTC offset. Raises Illisible for any other value,
    such as a time without offset, and for a year outside 1900 to 2100."""
    try:
        read = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise Illisible("date_illisible", FULL_MOMENT)
    _plausible(read.date())
    return read


def our_id(value: Any) -> UUID:
    """Return the hub's id of a subject, which a partner received and now repeats in a message. Raises
    Illisible for a value that is no UUID."""
    try:
        return UUID(value.strip())
    except (ValueError, AttributeError):
        raise Illisible(
            "identifiant_inconnu",
            "identifiant illisible : reprenez tel quel l'UUID reçu du hub pour cet objet",
        ) from None


def their_id(nature: Nature) -> Lire:
    """Return a reader of the partner's ids for one kind of subject. The reader raises Illisible for an empty or
    too long id."""
    return lambda value: _reference(nature, value)


def _reference(nature: Nature, value: Any) -> Reference:
    written = code(value)
    if not 0 < len(written) <= MAX_ID_LENGTH:
        raise Illisible(
            "identifiant_illisible",
            f"identifiant vide ou trop long : donnez 1 à {MAX_ID_LENGTH} caractères",
        )
    return Reference(nature, written)


def household_of_the_hub(value: Any) -> Reference:
    """Return a reference to the household that the partner cites by a UUID, the household's pseudonym for
    this partner. Raises Illisible for a value that is no UUID."""
    return _reference(Nature.MENAGE, str(our_id(value)))


def cited(nature: Nature) -> Lire:
    """Return a reader of the ids by which a partner cites subjects of the kind `nature`. A UUID is an id of
    the hub: the reader returns it as it is. Any other text is the partner's own number: the reader returns a
    `Reference`, a kind of UUID that the hub later replaces by its own id. It raises Illisible for an empty or
    too long text."""

    def read(value: Any) -> UUID:
        written = code(value)
        return our_id(written) if _looks_like_ours(written) else _reference(nature, written)

    return read


def opened(nature: Nature) -> Lire:
    """Return a reader of the numbers that a partner gives to new subjects of one kind. The reader raises
    Illisible for a UUID, which would look like an id of the hub."""

    def read(value: Any) -> Reference:
        written = code(value)
        if _looks_like_ours(written):
            raise Illisible(
                "identifiant_illisible",
                "un UUID désigne ce que vous avez reçu du hub : donnez ici votre numéro, sous une autre forme",
            )
        return _reference(nature, written)

    return read


stay = cited(Nature.ORIENTATION)
own_stay = opened(Nature.ORIENTATION)
"""Readers of a stay's id or number: `stay` for a stay that exists, `own_stay` for a new one."""


def _looks_like_ours(written: str) -> bool:
    try:
        UUID(written)
    except ValueError:
        return False
    return True


def candidacy(value: Any) -> UUID:
    """Return the candidacy that a partner cites, as the hub's id or as a cited number, which the hub later
    replaces by its own id. A cited number is a numéro unique; `/` and the dwelling's number follow it if the
    household has several candidacies. Raises Illisible for any other value."""
    found = _number(Nature.CANDIDATURE, value)
    return our_id(value) if found is None else found


def listed_household(value: Any) -> object:
    """Return the household that `value` cites, as a `Reference`, which the hub later replaces by its own id.
    The form of `value` tells whether it is a number on the partner's list, a numéro unique, or the id by
    which the partner knows the household. Raises Illisible for an unreadable value."""
    written = code(value)
    if _FICHE.fullmatch(written):
        return Numero(Nature.MENAGE, written)
    return _number(Nature.MENAGE, value) or their_id(Nature.MENAGE)(value)


def _number(nature: Nature, value: Any) -> Numero | None:
    match = _NUMERO.fullmatch(compact(clean(value))) if isinstance(value, str) else None
    if match is None:
        return None
    try:
        numero = numero_unique(match["numero"])
    except ValueError as exc:
        raise Illisible("identifiant_illisible", str(exc)) from None
    return Numero(nature, numero + (match["logement"] or ""))


def several(read: Lire, separator: str = ",") -> Lire:
    """Return a function that reads several values, each with the reader `read`. The values stand in an array,
    in a text with separators, or are a single value. The function raises Illisible for an unreadable value,
    and for more than 100 values (`MAX_VALUES`)."""

    def read_all(value: Any) -> tuple[object, ...]:
        if isinstance(value, str):
            value = [part for part in value.split(separator, MAX_VALUES + 1) if part.strip()]
        items = value if isinstance(value, list) else [value]
        if len(items) > MAX_VALUES:
            raise Illisible("trop_long", f"{MAX_VALUES} valeurs au plus : raccourcissez")
        return tuple(read(item) for item in items)

    return read_all


our_ids: Lire = several(our_id)


def etablissement(value: Any) -> str:
    """Return a FINESS or SIRET as text. A leading zero that a spreadsheet removed is added again; the number
    is not checked further. Raises Illisible for a number that a spreadsheet rounded (1,23E+13), and for a
    value that is neither text nor an integer."""
    written = compact(code(value))
    if _SPREADSHEET_NUMBER.fullmatch(written):
        raise Illisible(
            "siret_tableur",
            "le tableur a arrondi ce numéro : mettez la colonne au format Texte et ressaisissez-le en entier",
        )
    if plain := _TRAILING_ZERO.fullmatch(written):
        written = plain[1]
    return written.zfill({8: 9, 12: 14, 13: 14}.get(len(written), 0)) if is_number(written) else written


def commune(value: Any) -> str:
    """Return the INSEE code of a commune. A leading zero that a spreadsheet removed is added again. The
    ministries' own code for an overseas commune (`9A101`) gives the INSEE code (`97101`). Whether the commune
    exists is not checked. Raises Illisible for a value that is neither text nor an integer."""
    written = compact(code(value))
    if plain := _TRAILING_ZERO.fullmatch(written):
        written = plain[1]
    return commune_insee(written.zfill(5) if len(written) == 4 and is_number(written) else written)


def departement(value: Any) -> str:
    """Return the INSEE code of a département: "1" and "075" give 01 and 75; the ministries' own code 9A gives
    971. Raises Illisible for an unknown département."""
    try:
        return code_departement(code(value))
    except ValueError as exc:
        raise Illisible("departement_invalide", str(exc)) from None
