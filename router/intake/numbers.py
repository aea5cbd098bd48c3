"""Find the candidacy or household that a partner names by a number, before the gateway answers 202.

The number is a numéro unique, or the household's number in the partner's own list. A numéro unique is the
number of a demand in the SNE, the national register of demands for social housing. A row is refused if its
number fits no candidacy or household, or several. If the number fits several, the refusal cites the ids of
those to which the partner is a party.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from contracts.base import FICHE_DIGITS, Contrat, Nature, Numero
from contracts.frozen import replace
from contracts.ids import with_ids
from contracts.partner import Partner
from contracts.ports import Ligne, Rejet
from contracts.v1.attribution import CandidaturePresentee, CandidatureSurListe, RadiationSne
from contracts.v1.pret_logement import PretLogementDecrit
from router.domain.authority import may_say
from router.domain.books import BOOKS, SET_ASIDE
from router.domain.partners import Registry
from router.domain.subjects import Subject
from router.intake.draft import Draft
from router.intake.rows import DraftRow
from router.privacy.keyring import Keyring
from router.privacy.sealing import Cipher, Damaged, HmacKey, seal
from router.store import numbers as store
from router.store import subjects
from router.store.database import Connection
from router.store.numbers import Numbered

PURPOSE = "numero_unique"
PRESENTED = (CandidaturePresentee, CandidatureSurListe, PretLogementDecrit)
"""Messages about one household that contain its numéro unique."""
NOBODYS = Rejet(
    "numero_inconnu",
    "aucun envoi qui vous concerne n'a ce numéro : vérifiez-le, ou reprenez l'identifiant reçu du hub",
)


class CitedNumber(NamedTuple):
    """Number by which a partner names a candidacy or a household in a message, in place of an id."""

    partner: str
    numero: Numero


class Said(NamedTuple):
    """Number by which later messages may name `subject`, a candidacy or a household. It is the household's
    numéro unique. For a candidacy, it may also be the numéro unique, then `/` and the id of the dwelling."""

    number: str
    subject: UUID
    menage: UUID


Meant = Mapping[CitedNumber, Sequence[Subject]]
"""Subjects that a partner may mean by each number."""


class Numbers:
    """Index of candidacies and households by numéro unique."""

    def __init__(self, keyring: Keyring, registry: Callable[[], Registry]) -> None:
        self._keyring = keyring
        self._registry = registry

    async def found(self, connection: Connection, drafts: Sequence[Draft]) -> Sequence[Draft]:
        """Return the messages with the hub's ids in place of cited numbers. A row with a cited number is
        rejected unless the number stands for exactly one subject about which the sender may send such a
        row. Closed subjects count only if no open subject fits."""
        cited = {each for draft in drafts for each in _cited(draft.partner, draft.lus)}
        if not cited:
            return drafts
        meant = await self._meant(connection, cited)
        return [self._with_ids(draft, meant) for draft in drafts]

    async def of_rows(
        self, connection: Connection, partner: Partner, lignes: Sequence[Ligne]
    ) -> Sequence[Ligne]:
        """Return the rows of a large file with the hub's ids in place of cited numbers. A row with a cited
        number is rejected unless the number stands for exactly one subject about which the partner may
        send such a row. Closed subjects count only if no open subject fits."""
        cited = {each for ligne in lignes for each in _cited(partner, ligne.personnes_citees)}
        if not cited:
            return lignes
        meant = await self._meant(connection, cited)
        return [self._row_with_ids(partner, each, meant) for each in lignes]

    async def candidacies(
        self, connection: Connection, partner: Partner, contrat: type[Contrat], numbers: Collection[str]
    ) -> Mapping[str, Sequence[UUID]]:
        """Return, by numéro unique, the open candidacies about which the partner may send messages of the type
        `contrat`. A number without such a candidacy is left out."""
        cited = {CitedNumber(partner.id, Numero(Nature.CANDIDATURE, number)) for number in numbers}
        meant = await self._meant(connection, cited)
        fitting = {
            each.numero.valeur: _open(_theirs(contrat, partner, subjects, self._registry()))
            for each, subjects in meant.items()
        }
        return {number: [each.id for each in found] for number, found in fitting.items() if found}

    async def note(self, connection: Connection, rows: Sequence[DraftRow], undecided: UUID | None) -> None:
        """Store the numéros uniques that `rows` give to their subjects, except those of rows that the rules
        will set aside. A new number of a household replaces its earlier number. If a row says that the SNE
        merged a demand into another, each subject with the merged demand's number keeps this number, and also
        gets the number of the other demand.

        `undecided` is the message of `rows` if it may still be refused as a whole, else None. Until it is
        accepted, its numbers designate nothing, and replace no number of another message. Numbers of merged
        demands are stored at once in any case.
        """
        given = [(row, said) for row in rows for said in _said(row.contrat)]
        if given:
            known = await subjects.read(connection, {said.subject for _, said in given})
            taken = [
                (row, said)
                for row, said in given
                if _is_taken(row, known.get(said.subject), self._registry())
            ]
            latest = {said.subject: row for row, said in taken if isinstance(row.contrat, PretLogementDecrit)}
            valid = {said for row, said in taken if latest.get(said.subject, row) is row}
            numbers = await self._numbered(connection, valid)
            await store.note(connection, self._writer.mark, numbers, latest.keys(), undecided)
        for contrat in (row.contrat for row in rows):
            if (number := _replacing(contrat)) is not None:
                same = await store.keep_for_good(connection, contrat.sujet)
                more = {Said(number, *each) for each in same}
                await store.add(connection, self._writer.mark, await self._numbered(connection, more))

    async def _numbered(self, connection: Connection, said: set[Said]) -> list[Numbered]:
        ciphers = await self._keyring.get_or_create(connection, {each.menage for each in said})
        return [
            numbered(self._writer, each, cipher)
            for each in said
            if not isinstance(cipher := ciphers[each.menage], Damaged)
        ]

    @property
    def _writer(self) -> HmacKey:
        return self._keyring.hmacs.writer

    async def _meant(self, connection: Connection, cited: set[CitedNumber]) -> Meant:
        fingerprints = self._keyring.hmacs.fingerprints
        hashed = {c: fingerprints(PURPOSE, c.numero.valeur) for c in cited if not _is_fiche(c.numero)}
        by_number = await store.found(connection, set(chain.from_iterable(hashed.values())))
        meant: dict[CitedNumber, Sequence[Subject]] = {
            each: list({s.id: s for number in several for s in by_number[number]}.values())
            for each, several in hashed.items()
        }
        for partner in {each.partner for each in cited - hashed.keys()}:
            mine = [each for each in cited - hashed.keys() if each.partner == partner]
            listed = await store.listed(connection, partner, {int(each.numero.valeur) for each in mine})
            meant |= {each: [s] if (s := listed.get(int(each.numero.valeur))) else [] for each in mine}
        return meant

    def _with_ids(self, draft: Draft, meant: Meant) -> Draft:
        rows = [Ligne(number, contrat) for number, contrat in draft.contrats]
        after = [self._row_with_ids(draft.partner, row, meant) for row in rows]
        contrats = [
            (row.numero, row.contrat or before.contrat) for row, before in zip(after, rows, strict=True)
        ]
        elsewhere = set(draft.lus) - {contrat.sujet for _, contrat in draft.contrats}
        people = {ident for row in after for ident in row.personnes_citees}
        lus = people.union(_people(draft.partner, elsewhere, meant))
        draft = draft._replace(contrats=[(n, c) for n, c in contrats if c is not None], lus=lus)
        refused = [rejet for row in after for rejet in row.rejets]
        return draft.without(refused) if refused else draft

    def _row_with_ids(self, partner: Partner, ligne: Ligne, meant: Meant) -> Ligne:
        contrat = ligne.contrat
        if contrat is None:
            return replace(ligne, lus=tuple(_people(partner, ligne.lus, meant)))
        if not isinstance(contrat.sujet, Numero):
            return ligne
        fitting = _fitting(contrat, partner, meant[CitedNumber(partner.id, contrat.sujet)], self._registry())
        if len(fitting) != 1:
            why = NOBODYS if not fitting else _ambiguous(fitting, partner)
            return Ligne(
                ligne.numero,
                rejets=(Rejet(why.code, why.message, ligne.numero),),
                lus=tuple(subject.id for subject in fitting),
            )
        return Ligne(
            ligne.numero,
            with_ids(contrat, lambda ident: fitting[0].id if isinstance(ident, Numero) else ident),
            cle=ligne.cle,
            avertissements=ligne.avertissements,
        )


def numbered(key: HmacKey, said: Said, cipher: Cipher) -> Numbered:
    """Return a numéro unique in the two forms in which it is stored: encrypted, and as a fingerprint. The hub finds
    the subject by the fingerprint."""
    sealed = seal(cipher, said.number.encode(), said.subject.bytes)
    return Numbered(key.fingerprint(PURPOSE, said.number), said.subject, said.menage, sealed)


def is_noted(contrat: Contrat) -> bool:
    """Tell whether a message gives its subject a numéro unique."""
    return any(_said(contrat)) or _replacing(contrat) is not None


def _is_taken(row: DraftRow, subject: Subject | None, registry: Registry) -> bool:
    """Tell whether the rules may accept the numéro unique in a row: the row creates its subject, or
    describes anew a household ready for housing that its sender may describe. `subject` is the row's
    subject, or None if the row creates it. A merged SIAO and its successor count as one."""
    if subject is None:
        return True
    players = map(registry.present, subject.players)
    may_describe = registry.present(row.partner) in players or subject.etat in SET_ASIDE
    return may_describe and isinstance(row.contrat, PretLogementDecrit)


def _replacing(contrat: Contrat) -> str | None:
    """Return the numéro unique under which a demand goes on, if the message says that the SNE merged the demand into
    another. Return None for any other message."""
    return contrat.numero_unique if isinstance(contrat, RadiationSne) else None


def _said(contrat: Contrat) -> Iterator[Said]:
    if isinstance(contrat, PRESENTED) and contrat.menage.numero_unique is not None:
        number, menage = contrat.menage.numero_unique, contrat.menage.id
        yield Said(number, contrat.sujet, menage)
        if dwelling := getattr(contrat, "logement", None):
            yield Said(f"{number}/{dwelling}", contrat.sujet, menage)


def _cited(partner: Partner, idents: Iterable[UUID]) -> Iterator[CitedNumber]:
    return (CitedNumber(partner.id, ident) for ident in idents if isinstance(ident, Numero))


def _people(partner: Partner, idents: Iterable[UUID], meant: Meant) -> Iterator[UUID]:
    """Yield the hub's ids of the subjects that a row names in `idents`. An id is yielded unchanged. For a
    cited number, the ids of all subjects that the number may mean are yielded, from `meant`. A refused row
    is stored with these ids, so that the hub erases the row when it forgets one of the subjects."""
    for ident in idents:
        if isinstance(ident, Numero):
            yield from (subject.id for subject in meant[CitedNumber(partner.id, ident)])
        else:
            yield ident


def _is_fiche(numero: Numero) -> bool:
    """Tell whether a number is a household's number in a list. A numéro unique is longer."""
    return len(numero.valeur) <= FICHE_DIGITS


def _fitting(
    contrat: Contrat | type[Contrat], partner: Partner, subjects: Sequence[Subject], registry: Registry
) -> Sequence[Subject]:
    theirs = _theirs(contrat, partner, subjects, registry)
    return _open(theirs) or theirs


def _theirs(
    contrat: Contrat | type[Contrat], partner: Partner, subjects: Sequence[Subject], registry: Registry
) -> Sequence[Subject]:
    return [
        each
        for each in subjects
        if each.NATURE is contrat.NATURE and may_say(contrat, partner.id, each, registry)
    ]


def _open(subjects: Sequence[Subject]) -> Sequence[Subject]:
    return [each for each in subjects if each.etat in BOOKS[each.NATURE].expected]


def _ambiguous(fitting: Sequence[Subject], partner: Partner) -> Rejet:
    own = [str(each.id) for each in fitting if partner.id in each.players]
    named = f" : {', '.join(own)}" if own else ""
    return Rejet(
        "numero_ambigu",
        f"{len(fitting)} envois ouverts ont ce numéro{named}. Répondez par l'identifiant de l'un d'eux, ou ajoutez le "
        "logement après le numéro : numéro/logement",
    )
