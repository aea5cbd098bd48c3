"""Choose the question with which a button asks for confirmation."""

from collections.abc import Mapping
from enum import StrEnum

from contracts.base import Contrat
from contracts.partner import Famille
from contracts.privacy import Classe
from contracts.v1.demande import DemandeAnnulee
from contracts.v1.orientation import OrientationAnnulee
from contracts.v1.place import PlaceFermee, PlaceLiberee
from contracts.v1.suite import AdmissionPrononcee
from router.domain.rights import Stade, rights
from router.domain.rulebooks.orientation import ATTENDUES
from router.domain.rulebooks.place import Etat as EtatPlace
from router.domain.rules.acts import SIGNATURE
from router.domain.subjects import Demande, Orientation, Subject

BEFORE_ARRIVAL = "Le ménage est déjà là ? « Le ménage est arrivé » suffit."
CLOSES = "La place disparaît de vos places, et le SIAO n'y orientera plus personne."
LEFT = "Le ménage est parti ? Le SIAO peut alors y orienter quelqu'un dès maintenant."
QUESTIONS: Mapping[tuple[type[Contrat], StrEnum], str] = {
    (
        PlaceLiberee,
        EtatPlace.RESERVEE,
    ): "Un ménage est attendu dans cette place, et elle lui reste. Le ménage d'avant est parti ? Si c'est à "
    "l'accueil que vous renoncez, répondez à l'orientation.",
    (PlaceLiberee, EtatPlace.OCCUPEE): LEFT,
    (PlaceLiberee, EtatPlace.A_LIBERER): LEFT,
    **{(PlaceFermee, etat): CLOSES for etat in EtatPlace},
    **{(AdmissionPrononcee, etat): BEFORE_ARRIVAL for etat in ATTENDUES},
}
"""French question before a message is sent, by the message's type and its subject's present state."""
COMMITS = (
    "Signer engage votre structure aux termes lus sur cette page. L'acte prend effet quand chacun a signé ; il se "
    "dénonce ensuite, il ne s'efface pas."
)
NAME_GOES = "Le nom et le téléphone du ménage s'effacent alors aussitôt de vos pages."
CANCELLED: Mapping[type[Contrat], str] = {
    DemandeAnnulee: "La demande est close. Une orientation déjà envoyée continue, sauf si le SIAO l'annule aussi.",
    OrientationAnnulee: "Ses places redeviennent libres, son destinataire en est prévenu, et le ménage attend de "
    "nouveau une place.",
}
"""French text that says what a cancellation does."""


def question_of(contrat: type[Contrat], subject: Subject, famille: Famille, after: StrEnum) -> str:
    """Return the French question that a person must confirm before sending a message of the type `contrat`
    about `subject`; an empty text if there is none. `famille` is the type of the partner that sends the
    message. `after` is the state that the message would give the subject."""
    if subject.etat is not None and (asked := QUESTIONS.get((contrat, subject.etat))):
        return asked
    if contrat in SIGNATURE:
        return COMMITS
    hidden = isinstance(subject, Orientation | Demande) and after in subject.MACHINE.set_aside
    goes = hidden and not rights(famille, Stade.ECARTE).may_open(Classe.C2)
    return " ".join(filter(None, (CANCELLED.get(contrat, ""), NAME_GOES if goes else "")))
