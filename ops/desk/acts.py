"""Offer the messages that people may send about a subject at the desk. Each is a button with a form."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from pydantic import BaseModel

from adapters.tabulaire.champs import Champ, champ, element, is_written
from contracts.base import Contrat
from contracts.mots import SELON
from contracts.partner import Partner
from contracts.reference.codes import Dispositif, MotifRefus, ResultatCommission, motif_permis
from contracts.v1.attribution import DecisionCommission, RadiationAnnulee
from contracts.v1.convention import (
    ConventionBilan,
    ConventionContestee,
    ConventionDenoncee,
    ConventionSignee,
    DerogationAccordee,
    DerogationContestee,
    DerogationDenoncee,
)
from contracts.v1.daho import DahoOriente
from contracts.v1.demande import DemandeActualisee, DemandeAnnulee, DemandeTransferee
from contracts.v1.orientation import OrientationAnnulee, OrientationRefusee
from contracts.v1.place import (
    PlaceDeclaree,
    PlaceDisponible,
    PlaceOccupee,
    PlaceVacancePrevisible,
    PlaceVacante,
)
from contracts.v1.pret_logement import (
    MotifRetrait,
    PretLogementActualise,
    PretLogementDeclare,
    PretLogementRepondu,
    PretLogementRetire,
    ReponseDeclaration,
)
from contracts.v1.suite import (
    AccompagnementRepondu,
    AccompagnementSansContact,
    AdmissionDirecte,
    AdmissionPrononcee,
    EntreeConstatee,
    PresentationAbsence,
)
from contracts.v1.transfert import DemandeTransfertAccepte, DemandeTransfertRefuse, DemandeTransfertRetire
from ops.desk.everyday import EVERYDAY, PRINCIPAUX
from ops.desk.forms import Saisie, fields, kind_of, saisie_of
from ops.desk.questions import question_of
from ops.desk.vocabulary import worded
from router.domain.authority import may_say
from router.domain.books import BOOKS
from router.domain.partners import Registry
from router.domain.parts import Party
from router.domain.permitted import Sayable, sayable
from router.domain.rulebooks.acte import Convention
from router.domain.rulebooks.candidature import Evenement as Suite
from router.domain.rulebooks.place import Etat as EtatPlace
from router.domain.rulebooks.pret_logement import Etat as EtatMenage
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.rules.acts import SIGNATURE, waits_for
from router.domain.subjects import Demande, Envoi, Orientation, Place, Subject

ONLY_WITH: Mapping[tuple[type[Contrat], str], str] = {
    (DecisionCommission, "rang"): ResultatCommission.ATTRIBUTION_RANG,
    (PretLogementRepondu, "motif_refus"): ReponseDeclaration.REFUSEE,
}
"""Answer that makes a form ask for a field, by message type and field. With any other answer, the form does
not ask for the field."""
OF_AN_OPERATOR = (AccompagnementRepondu, AccompagnementSansContact)
AGAIN: Mapping[type[Contrat], tuple[type[Contrat], ...]] = {
    PretLogementActualise: (PretLogementDeclare, PretLogementActualise),
    AdmissionDirecte: (AdmissionDirecte,),
    PlaceVacancePrevisible: (PlaceDeclaree, PlaceVacante, PlaceVacancePrevisible),
}
"""Message types whose form completes an earlier message: the partner's newest message about the subject that
has one of the types given here. Fields for which the form does not ask are copied from the earlier
message."""
ON_AN_ACT: Mapping[type[Contrat], tuple[str, ...]] = {
    ConventionSignee: ("signee_le",),
    ConventionContestee: ("le",),
    ConventionDenoncee: ("le",),
    ConventionBilan: ("du", "au", "attributions", "dalo", "sous_accord"),
    DerogationAccordee: ("signee_le",),
    DerogationContestee: ("le",),
    DerogationDenoncee: ("le",),
}
"""Fields that the form of a message about an act asks for. Number and terms are copied from the newest
signature under the act."""
ASKED: Mapping[type[Contrat], tuple[str, ...]] = {
    **dict.fromkeys(AGAIN, ()),
    PlaceVacancePrevisible: ("libre_le",),
    **ON_AN_ACT,
}
"""Fields that the forms of these message types ask for. The form of any other type asks for every field."""
ON_A_TRANSFER = (DemandeTransfertAccepte, DemandeTransfertRefuse, DemandeTransfertRetire)
"""Message types by which the proposed transfer of a demand is accepted, refused or withdrawn."""
TOLD_AGAIN = f"{DahoOriente.NOM}.orientation"
"""Name of the button by which a SIAO reports to the State a referral that the State does not know yet."""
RAISON, AUTRE = "raison", "AUTRE"
"""Form field in which a manager says who lives in a place, and its value for a household that nobody
referred."""
WITHOUT_REFERRAL = "un ménage que personne ne vous a orienté : le SIAO vous demandera pourquoi"
TAKE_BACK = "retirer votre déclaration"
"""Text of the button by which a partner withdraws its own declaration of a household ready for housing."""
BUTTONS: Mapping[type[Contrat], str] = {
    EntreeConstatee: "le ménage est arrivé",
    AdmissionPrononcee: "prononcer l'admission avant l'arrivée",
    DemandeAnnulee: "annuler la demande",
    OrientationAnnulee: "annuler l'orientation",
}
"""Text of a button, by message type, where the type's own name would be unclear."""
OF_TODAY = ("signee_le", "entree_le")
"""Fields whose initial value is today."""
NOBODY: Mapping[str, str] = MappingProxyType({})
_PRONOUN = re.compile(r"^(?:l'|la |le |les )(?=\w)")


class Bouton(NamedTuple):
    """A button with a form, by which people of a partner send one message about a subject."""

    nom: str
    """Name of the button: the message type, a dot, and the answer in the message."""
    faire: str
    """French text of the button."""
    contrat: type[Contrat]
    constantes: Mapping[str, str]
    saisies: tuple[Saisie, ...]
    definitif: bool
    """Whether the message closes the subject. The button then asks for confirmation."""
    question: str
    """French text to confirm; empty if there is nothing to confirm."""
    principal: bool
    """Whether the message is an everyday answer, whose button stands first."""


class Debut(NamedTuple):
    """Initial values of the forms on a page: today's date and, in a form that was just refused, what the person
    typed."""

    jour: date
    ecrit: Mapping[str, str] = MappingProxyType({})
    fautes: Mapping[str, str] = MappingProxyType({})
    """French advice for each faulty field of the refused form."""

    def reopens(self, bouton: Bouton) -> bool:
        """Return whether the form of this button was just refused. The page then shows it open, with what the
        person typed."""
        return self.ecrit.get("acte") == bouton.nom

    def of(self, bouton: Bouton) -> Mapping[str, str]:
        """Return the initial values of the form that a button opens, by field name."""
        return dict.fromkeys(OF_TODAY, self.jour.isoformat()) | (
            dict(self.ecrit) if self.reopens(bouton) else {}
        )


def possible(
    subject: Subject, partner: str, registry: Registry, arrivals: Mapping[str, str] = NOBODY
) -> list[Bouton]:
    """Return the buttons for the messages that a partner may send about a subject now, most useful first. A
    place has a form that asks which household lives there. `arrivals` describes in French each household to
    choose from in this form, by the id of the referral that led the household to the partner."""
    said = sayable(subject.NATURE, str(subject.etat)) if subject.NATURE in BOOKS else []
    refusable = any(each.contrat is OrientationRefusee for each in said)
    everyday = EVERYDAY.get((subject.NATURE, str(subject.etat)), PRINCIPAUX)
    ranks = {each: rank for rank, each in enumerate(everyday)}
    found = [
        (ranks.get((each.contrat, each.valeur), len(ranks)), each)
        for each in said
        if may_say(each.contrat, partner, subject, registry)
        and (is_a_form(each.contrat) or each.contrat in ASKED)
        and _helps(each.contrat, subject, partner, registry, refusable=refusable)
    ]
    found.sort(key=lambda ranked: ranked[0])
    speaker = registry.get(partner)
    acts = (
        _act(each, subject, speaker, arrivals, principal=rank < len(ranks)) for rank, each in found if speaker
    )
    return [*_explaining(subject, partner, arrivals), *acts]


def may_correct(subject: Subject, partner: str, registry: Registry) -> bool:
    """Return whether a subject is a demand that this partner sent and may still correct in its present
    state."""
    its_own = isinstance(subject, Demande) and subject.emetteur == partner
    said = sayable(subject.NATURE, str(subject.etat)) if its_own else []
    return any(
        e.contrat is DemandeActualisee and may_say(e.contrat, partner, subject, registry) for e in said
    )


def to_the_state(referral: UUID, day: date) -> Bouton:
    """Return the button with which a SIAO tells the State that it referred, on this `day`, a household that
    the State had designated. `referral`: the referral's id."""
    constantes = {"orientation": str(referral), "oriente_le": day.isoformat()}
    return Bouton(TOLD_AGAIN, "Le dire aux services de l'État", DahoOriente, constantes, (), False, "", True)


def _explaining(subject: Subject, partner: str, arrivals: Mapping[str, str]) -> Iterator[Bouton]:
    if not isinstance(subject, Place) or subject.gestionnaire != partner:
        return
    if subject.a_justifier_depuis is not None:
        asked = fields(AdmissionDirecte, "derogation", "motif_admission")
        yield Bouton(
            "admission.directe.",
            "Donner le titre de l'admission",
            AdmissionDirecte,
            {},
            asked,
            False,
            "",
            True,
        )
    if subject.a_expliquer_depuis is not None:
        yield Bouton(
            "place.occupee.", "Dire pourquoi", PlaceOccupee, {}, (_by_whom(arrivals),), False, "", True
        )


def _by_whom(arrivals: Mapping[str, str]) -> Saisie:
    (why,) = fields(PlaceOccupee, RAISON)
    return why._replace(libelle="par qui", obligatoire=True, choix={**arrivals, **why.choix})


def _helps(
    contrat: type[Contrat], subject: Subject, partner: str, registry: Registry, *, refusable: bool
) -> bool:
    """Return whether the desk offers a button for messages of the type `contrat` about this subject.
    `refusable` says that the partner may still refuse the referral. Then the household's absence has no
    button of its own: the partner refuses the referral, with the absence as motive."""
    if contrat is PlaceDisponible:
        return subject.etat in (EtatPlace.DECLAREE, EtatPlace.INDISPONIBLE)  # else «libérer» says it
    if contrat is PlaceVacancePrevisible:
        return subject.etat != EtatPlace.RESERVEE
    if contrat is RadiationAnnulee:
        return isinstance(subject, Envoi) and "radiation_le" in subject.dit.get(Suite.INFORMER, {})
    if contrat in SIGNATURE:
        signatory = registry.get(partner)
        return signatory is not None and waits_for(subject, signatory, registry)
    if contrat is ConventionBilan:
        return isinstance(subject, Convention) and subject.bilan_depuis is not None
    if contrat is PresentationAbsence:
        return not refusable  # the refusal of an absent household gives the motive too
    if isinstance(subject, Demande) and contrat in (*ON_A_TRANSFER, DemandeTransferee):
        return (contrat in ON_A_TRANSFER) == (subject.transfert_le is not None)
    if isinstance(subject, MenagePret) and subject.etat is EtatMenage.A_CONFIRMER:
        return contrat is PretLogementRepondu or partner != subject.emetteur
    if isinstance(subject, Orientation) and contrat in OF_AN_OPERATOR:
        return partner in subject.operateurs
    return True


def is_a_form(contrat: type[Contrat]) -> bool:
    """Return whether people can fill in a message of this type in a short form: no obligatory field is
    encrypted or contains other fields."""
    needed = [champ(contrat, name) for name, info in contrat.model_fields.items() if info.is_required()]
    return not any(_is_nested(each) for each in needed if each is not None) and not contrat.OBLIGATOIRES


def _is_nested(found: Champ) -> bool:
    return isinstance(found.type, type) and issubclass(found.type, BaseModel)


def _act(
    said: Sayable, subject: Subject, partner: Partner, arrivals: Mapping[str, str], *, principal: bool
) -> Bouton:
    after = BOOKS[subject.NATURE].machine.table[str(subject.etat), said.move]
    constantes = {SELON[said.contrat].champ: said.valeur} if said.contrat in SELON else {}
    taken_back = said.contrat is PretLogementRetire and subject.player(Party.EMETTEUR) != partner.id
    faire = TAKE_BACK if taken_back else BUTTONS.get(said.contrat) or _PRONOUN.sub("", said.faire)
    return Bouton(
        nom=f"{said.contrat.NOM}.{said.valeur}",
        faire=faire[0].upper() + faire[1:],
        contrat=said.contrat,
        constantes=constantes,
        saisies=tuple(_asked(said, subject, constantes, arrivals)),
        definitif=not sayable(subject.NATURE, str(after)),
        question=question_of(said.contrat, subject, partner.famille, after),
        principal=principal,
    )


def _asked(
    said: Sayable, subject: Subject, constantes: Mapping[str, str], arrivals: Mapping[str, str]
) -> Iterator[Saisie]:
    for name, found in asked_of(said.contrat):
        if name in constantes or name not in ASKED.get(said.contrat, (name,)):
            continue
        saisie = saisie_of(name, found)
        if said.contrat is PlaceOccupee:
            saisie = _by_whom(arrivals)
            saisie = saisie._replace(choix={**saisie.choix, AUTRE: WITHOUT_REFERRAL})
        if said.contrat is OrientationRefusee:
            saisie = saisie._replace(choix=_motives(said.valeur, subject))
        if said.contrat is PretLogementRetire:
            saisie = saisie._replace(
                choix={c: w for c, w in saisie.choix.items() if c != MotifRetrait.OUBLIE}
            )
        if (wanted := ONLY_WITH.get((said.contrat, name))) is not None:
            if said.valeur != wanted:
                continue
            saisie = saisie._replace(obligatoire=True)
        yield saisie


def asked_of(contrat: type[Contrat]) -> Iterator[tuple[str, Champ]]:
    """Yield name and definition of each field for which the form of this message type asks. Nested objects,
    lists, ids of other subjects and fields that the hub fills in are left out."""
    names = (n for n in contrat.model_fields if n not in (contrat.SUJET, *Contrat.model_fields))
    for name in names:
        found = champ(contrat, name) if is_written(contrat, name) else None
        if found is not None and element(found) is None and kind_of(found) is not None:
            yield name, found


def _motives(auteur: str, subject: Subject) -> dict[str, str]:
    dispositif: Dispositif | None = subject.dispositif if isinstance(subject, Orientation) else None
    return {
        str(motif): worded("", str(motif))
        for motif in MotifRefus
        if motif.auteur == auteur and (dispositif is None or motif_permis(motif, dispositif))
    }
