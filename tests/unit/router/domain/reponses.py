"""Answers of a shelter to a referral, for the tests of the rules."""

from typing import Any
from uuid import UUID

from contracts.reference.codes import MotifRefus
from contracts.v1.orientation import OrientationAcceptee, OrientationRefusee
from contracts.v1.suite import AdmissionPrononcee, EntreeConstatee, PresentationAbsence, SortieDeclaree
from tests.unit.router.domain.monde import JOUR


def acceptee(orientation: UUID, **more: Any) -> OrientationAcceptee:
    return OrientationAcceptee(orientation=orientation, **more)


def admise(orientation: UUID, **more: Any) -> AdmissionPrononcee:
    return AdmissionPrononcee(orientation=orientation, admission_le=JOUR, **more)


def entree(orientation: UUID, **more: Any) -> EntreeConstatee:
    return EntreeConstatee(orientation=orientation, entree_le=JOUR, **more)


def absence(orientation: UUID, **more: Any) -> PresentationAbsence:
    return PresentationAbsence(orientation=orientation, constatee_le=JOUR, **more)


def sortie(orientation: UUID, **more: Any) -> SortieDeclaree:
    return SortieDeclaree(orientation=orientation, **{"sortie_le": JOUR, **more})


def refusee(orientation: UUID, motif: MotifRefus = MotifRefus.ACCESSIBILITE) -> OrientationRefusee:
    return OrientationRefusee(orientation=orientation, auteur=motif.auteur, motif=motif)
