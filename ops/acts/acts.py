"""List acts (agreements and derogations) with their signatures, in French words for people, sorted by expiry.
A SIRET is the State's number for an organisation, a FINESS that for a health or social establishment."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from contracts.frozen import replace
from contracts.mots import NOMS, etat_of
from contracts.partner import Famille, Partner
from contracts.reference.territoires import departement_of
from contracts.v1.convention import Objet, Signataire
from ops.acts import sql
from ops.acts.sql import Position, Signed
from router.domain.partners import Registry
from router.domain.rulebooks.acte import Acte, Convention, Derogation
from router.domain.sandbox import territories_of
from router.domain.territories import Lieu
from router.store.database import Database

OBJETS: Mapping[str, str] = {
    Objet.LOGEMENT_ACCOMPAGNE: "logement accompagné",
    Objet.ACCORD_COLLECTIF: "accord collectif",
    Objet.CONTINGENT: "contingent préfectoral",
    Objet.CIL_LISTE: "ménages présentés au collecteur par liste",
    Objet.CIL_CANDIDAT: "ménages présentés au collecteur un par un",
    Objet.COLLECTIVITE: "réservations d'une collectivité",
    Objet.SIAO: "délégation à un SIAO",
}
"""French words for the purpose of an agreement."""
QUALITES: Mapping[str, str] = {
    Signataire.GESTIONNAIRE: "gestionnaire",
    Signataire.SIAO: "SIAO",
    Signataire.ETAT: "services de l'État",
}
"""French words for the parties that sign a derogation."""


class Names(NamedTuple):
    """French names of the parties that sign acts, as they are shown to people. `may_know` gets a partner's
    id, and tells whether these people may see the partner's name. If they may not, they see the partner's
    SIRET."""

    registry: Registry
    may_know: Callable[[str], bool] = lambda _: True

    def of(self, quality: str) -> str:
        """Return the French name of a signing party. `quality` is a `Signataire` (such as `SIAO`), or the
        SIRET of an organisation. Return the word SIRET and the number if no partner has this SIRET, or if
        `may_know` refuses the partner's name."""
        partner = self.registry.manager_of(quality)
        named = partner.nom if partner is not None and self.may_know(partner.id) else f"SIRET {quality}"
        return QUALITES.get(quality, named)

    def bodies(self, partners: Iterable[str]) -> list[str]:
        """Return the FINESS or SIRET of each structure for which these partners may sign agreements.
        Structures with a secret address are left out."""
        entries = filter(None, map(self.registry.get, partners))
        owned = (each for entry in entries for each in self.registry.structures_of(entry))
        return list(filter(self.registry.open_structure, owned))

    def capacities(self, partners: Iterable[str]) -> list[str]:
        """Return the capacities in which these partners sign derogations, such as « SIAO 01 » for the SIAO
        that signs for territory 01. An antenna (a local office of a SIAO) has no such capacity."""
        entries = filter(None, map(self.registry.get, partners))
        signing = (entry for entry in entries if entry.famille.upper() in {*Signataire})
        return [
            f"{entry.famille.upper()} {territoire}"
            for entry in signing
            for territoire in territories_of(entry)
            if entry.famille is not Famille.SIAO or self._siao(territoire) == entry
        ]

    def _siao(self, territoire: str) -> Partner | None:
        return self.registry.siao_of(Lieu(territoire, departement_of(territoire)))


class Signature(NamedTuple):
    """A party's signature under an act, given or still missing. `quality` says which party: a `Signataire`
    (such as `SIAO`), or the SIRET of an organisation."""

    quality: str
    called: str
    """French name of the party."""
    partner: str | None
    """Partner that signed; None while the signature is missing."""
    signed: Signed | None
    """Time and event of the signature; None if it is missing or its event left the log."""


class Shown(NamedTuple):
    """An act, with its signatures: those given, and those still missing."""

    act: Acte
    signatures: Sequence[Signature]
    body: str
    """Organisation with which an agreement is concluded; empty for a derogation."""

    @property
    def title(self) -> str:
        """Return the French title: the kind of act, and its state."""
        return f"{NOMS[self.act.NATURE]} {etat_of(self.act.NATURE, self.act.etat)}"

    @property
    def about(self) -> str:
        """Return in French what the act is about. For an agreement: its purpose, and the organisation with
        which it is concluded. For a derogation: its structure, or an empty text if the structure is secret or
        not given."""
        if isinstance(self.act, Convention):
            assert self.act.objet is not None
            return f"{OBJETS[self.act.objet]}, avec {self.body}"
        assert isinstance(self.act, Derogation)
        return f"structure {self.act.structure}" if self.act.structure else ""

    @property
    def left(self) -> int | None:
        """Return how many places are left under a derogation; None for an agreement."""
        return self.act.places_at_once - len(self.act.occupees) if isinstance(self.act, Derogation) else None

    @property
    def missing(self) -> list[str]:
        """Return in French the parties whose signature is missing."""
        return [each.called for each in self.signatures if each.partner is None]


async def known(
    database: Database,
    names: Names,
    among: Iterable[str] | None = None,
    after: Position | None = None,
    most: int | None = None,
) -> list[Shown]:
    """Return the acts after the position `after`, earliest end of validity first. `among`, if given, has the
    ids of partners: then only their acts are returned, as `sql.acts` says. A derogation names its structure
    only if the structure's address is not secret today. Raises BusUnavailable if the database does not
    answer."""
    async with database.transaction() as connection:
        who = list(among or ())
        acts = await sql.acts(connection, among, after, most, names.bodies(who), names.capacities(who))
        logged = await sql.signatures(connection, [act.id for act in acts])
    given = {(act, names.registry.present(partner)): signed for (act, partner), signed in logged.items()}

    def signature(act: Acte, quality: str) -> Signature:
        partner = act.signatures.get(quality)
        signed = given.get((act.id, partner)) if partner else None
        return Signature(quality, names.of(quality), partner, signed)

    def shown(act: Acte) -> Shown:
        body = names.of(act.partenaire or "") if isinstance(act, Convention) else ""
        if isinstance(act, Derogation):
            act = replace(act, structure=names.registry.open_structure(act.structure))
        return Shown(act, [signature(act, quality) for quality in act.attendus], body)

    return [shown(act) for act in acts]
