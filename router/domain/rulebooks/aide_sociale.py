"""Rule book of a request for aide sociale, by which a centre asks the State to pay for a household's stay.
The State has one month to answer a complete request. After this month, the request counts as accepted if the
place has CHRS status (centre d'hébergement et de réinsertion sociale). CASF is the French code of social
action and families."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from contracts.base import Nature
from contracts.frozen import frozen, replace
from contracts.v1.aide_sociale import AideSocialeRecue, AideSocialeRepondue
from router.domain.calendar import moment, months_after
from router.domain.parts import Party
from router.domain.rulebooks.machine import Machine, transitions
from router.domain.subjects import Envoi


class Etat(StrEnum):
    DEMANDEE = "DEMANDEE"
    INCOMPLETE = "INCOMPLETE"
    A_L_ETUDE = "A_L_ETUDE"
    ACQUISE = "ACQUISE"
    REPUTEE_ACCEPTEE = "REPUTEE_ACCEPTEE"
    ACCORDEE = "ACCORDEE"
    REFUSEE_PAR_L_ETAT = "REFUSEE_PAR_L_ETAT"


class Evenement(StrEnum):
    DEMANDER = "demander"
    ACQUERIR = "acquerir"
    PROLONGER = "prolonger"
    COMPLETER = "completer"
    RECEVOIR = "recevoir"
    RECLAMER = "reclamer"
    REPUTER = "reputer"
    ACCORDER = "accorder"
    REFUSER = "refuser"


def recue(contrat: AideSocialeRecue, today: date) -> Evenement:
    """Return the transition that an acknowledgement by the State makes in a request for aide sociale. If the
    acknowledgement says that documents are missing, the request becomes incomplete. `today` is not used."""
    return Evenement.RECLAMER if contrat.pieces_manquantes else Evenement.RECEVOIR


def repondue(contrat: AideSocialeRepondue, today: date) -> Evenement:
    """Return the transition that an answer by the State makes in a request for aide sociale: the request is
    granted, or refused. `today` is not used."""
    return Evenement.ACCORDER if contrat.accordee else Evenement.REFUSER


SANS_REPONSE = (Etat.DEMANDEE, Etat.INCOMPLETE, Etat.A_L_ETUDE)
ACQUISES = (Etat.ACQUISE, Etat.REPUTEE_ACCEPTEE, Etat.ACCORDEE)
"""States of a request that the State has granted, or that the law grants without an answer. The State then
pays until the last day of the stay."""
CORRIGIBLES = (*SANS_REPONSE, Etat.REPUTEE_ACCEPTEE)
"""States of a request that the State has not answered. An acknowledgement by the State may still change such a
state."""

MACHINE = Machine(
    table=transitions(
        (Evenement.DEMANDER, Etat.DEMANDEE, (None,)),
        (Evenement.ACQUERIR, Etat.ACQUISE, (None,)),
        (Evenement.PROLONGER, Etat.DEMANDEE, (Etat.DEMANDEE, *ACQUISES, Etat.REFUSEE_PAR_L_ETAT)),
        (Evenement.PROLONGER, Etat.INCOMPLETE, (Etat.INCOMPLETE,)),
        (Evenement.PROLONGER, Etat.A_L_ETUDE, (Etat.A_L_ETUDE,)),
        (Evenement.COMPLETER, Etat.DEMANDEE, (Etat.DEMANDEE, Etat.INCOMPLETE)),
        (Evenement.COMPLETER, Etat.A_L_ETUDE, (Etat.A_L_ETUDE,)),
        (Evenement.COMPLETER, Etat.ACQUISE, (Etat.ACQUISE,)),
        (Evenement.RECEVOIR, Etat.A_L_ETUDE, CORRIGIBLES),
        (Evenement.RECEVOIR, Etat.ACQUISE, (Etat.ACQUISE,)),
        (Evenement.RECLAMER, Etat.INCOMPLETE, CORRIGIBLES),
        (Evenement.RECLAMER, Etat.ACQUISE, (Etat.ACQUISE,)),
        (Evenement.REPUTER, Etat.REPUTEE_ACCEPTEE, (Etat.A_L_ETUDE,)),
        (Evenement.ACCORDER, Etat.ACCORDEE, tuple(Etat)),
        (Evenement.REFUSER, Etat.REFUSEE_PAR_L_ETAT, tuple(Etat)),
    ),
    way=(),
    early=frozenset(SANS_REPONSE),
    awaited=SANS_REPONSE,
    set_aside=(),
)
"""States and transitions of a request for aide sociale. A new answer of the State replaces its earlier
answer, or the tacit acceptance. A stay of at most five days with CHRS status needs no answer (article
L111-3-1 CASF)."""


RECEIPTS = (Evenement.RECEVOIR, Evenement.RECLAMER)
"""Transitions by which the State says that it has received a request, whether the request is complete or
not."""


@frozen(kw_only=True)
class AideSociale(Envoi):
    """A request for aide sociale. By it, a centre (`emetteur`) asks the State (`destinataire`) to pay for one
    stay."""

    NATURE: ClassVar[Nature] = Nature.AIDE_SOCIALE
    MACHINE: ClassVar[Machine] = MACHINE

    etat: Etat
    siao: str | None = None
    """SIAO that is notified of all messages about the request. This is the SIAO that referred the household,
    else the SIAO of the centre."""
    orientation: UUID
    commune: str | None = None
    chrs: bool | None = None
    """Whether the place has CHRS status; None if unknown. If the State does not answer, the request counts as
    accepted only with CHRS status."""
    courte: bool = False
    """Whether the stay lasts at most five days. With CHRS status, such a request needs no answer."""
    jusqu_au: date
    """Last day of the stay that is requested or granted."""
    prolongation_avant_le: date
    """Last day on which a prolongation may be requested (article R345-4 CASF)."""
    prolongation_jusqu_au: date | None = None
    """Last day of the longer stay that the centre asked for while the State had not yet answered. None if the
    centre asked for none."""
    prolongation_demandee: Mapping[str, str] = field(default_factory=dict)
    """Facts of the centre's latest request for a longer stay: last day, reason, day of the centre's
    signature."""
    dit_avant: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the State had already said (`dit`) when the centre asked for a longer stay."""
    jusqu_au_avant: date | None = None
    """Last day of the stay as it was before the centre asked for a longer one."""
    recue_le: date | None = None
    """Day on which the State received the complete request. None while a document is missing."""
    court_depuis: datetime | None = None
    """Moment from which the State has one month to answer: the end of the day `recue_le`. After this month,
    the State's silence grants the stay. None if no such month runs."""
    accuse: str | None = None
    """Id of the event by which the State acknowledged the complete request."""

    def player(self, party: Party) -> str | None:
        return self.siao if party is Party.SIAO else Envoi.player(self, party)

    @property
    def linked(self) -> tuple[UUID, ...]:
        return (self.orientation,)

    @property
    def a_repondre_depuis(self) -> datetime | None:
        """Return the moment from which the State, which has the complete request, has one month to answer. If
        the place is known to have CHRS status, this is `court_depuis`. Otherwise, the State's silence grants
        nothing, and `court_depuis` is None. The month then starts at the State's acknowledgement, so that the
        State is at least reminded."""
        return self.court_depuis or self.etat_depuis

    def until(self, day: date) -> Self:
        """Return the request with `day` as the last day of the stay. A prolongation must be requested at
        least one month before this day (article R345-4 CASF)."""
        return replace(self, jusqu_au=day, prolongation_avant_le=months_after(day, -1))

    def prolonged(self, day: date) -> Self:
        """Return the request as it is after the centre has asked for a stay until `day`. The State has to
        acknowledge and to answer this request anew. The State's former messages may also arrive a second time:

        * If `day` is another day than before, such a message changes nothing: it is about the former stay.
        * If `day` is the same day, the centre asks again after a refusal. A repeated answer then counts. A
          repeated acknowledgement changes nothing, because the month that began with it may be over.
        """
        again = replace(self.until(day), courte=False, prolongation_jusqu_au=None)
        if day != self.jusqu_au:
            again = replace(again, dit_avant=self.dit, jusqu_au_avant=self.jusqu_au)
        else:
            receipts = {move: said for move, said in self.dit.items() if move in RECEIPTS}
            again = replace(again, dit_avant={**self.dit_avant, **receipts})
        return replace(again, recue_le=None, court_depuis=None, accuse=None, remise_le=None)

    def with_the_next(self, at: datetime) -> Self:
        """Turn a granted request into the request for the longer stay for which the centre has already asked
        (`prolongation_jusqu_au`). Return the new request, which counts as delivered to the State at the moment
        `at`. If the granted stay already lasts as long, only drop the longer stay. If the request is not
        granted, or if the centre has not asked for more, return the request unchanged."""
        day = self.prolongation_jusqu_au
        if day is None or self.etat not in ACQUISES:
            return self
        if day <= self.jusqu_au:
            return replace(self, prolongation_jusqu_au=None)
        return replace(self.prolonged(day), etat=Etat.DEMANDEE, remise_le=at)

    def with_status(self, chrs: bool) -> Self:
        """Return the request with `chrs`, the present CHRS status of the place. If the place has the status, a
        request for a short stay that the State has not answered is granted at once (`ACQUISE`). If the place
        has lost the status, a request granted in this way needs an answer of the State again."""
        known = replace(self, chrs=chrs)
        if chrs and self.courte and self.etat in SANS_REPONSE:
            return replace(known, etat=Etat.ACQUISE)
        if chrs or self.etat is not Etat.ACQUISE:
            return known
        return replace(known, etat=Etat.A_L_ETUDE if self.recue_le else Etat.DEMANDEE)

    def counting(self, territoire: str) -> Self:
        """Return this request for aide sociale with `court_depuis` set: the moment from which the State has
        one month to answer. This is the end of the day on which the State received the complete request
        (`recue_le`), in the time zone of `territoire`. It is None if this day is unknown, or if the place is
        not known to have CHRS status."""
        if self.recue_le is None or not self.chrs:
            return replace(self, court_depuis=None)
        end = datetime.combine(self.recue_le + timedelta(days=1), time())
        return replace(self, court_depuis=moment(territoire, end))
