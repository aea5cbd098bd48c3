"""The live list of households that are ready for housing: the prefect's services are always in step with it."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.alertes import explication
from contracts.base import Contrat
from contracts.partner import Delais, Famille, Labellisation
from contracts.v1.alerte import AlerteAnomalie, AlerteEcheance, MotifAnomalie
from contracts.v1.attribution import (
    BailSigne,
    Canal,
    CandidaturePresentee,
    CandidatureRetiree,
    DecisionCommission,
)
from contracts.v1.echeance import Echeance, Etape
from contracts.v1.menage import Menage
from contracts.v1.pret_logement import (
    ChampDecrit,
    DoublonConfirme,
    ListeRepondue,
    MotifRetrait,
    PretLogementActualise,
    PretLogementDeclare,
    PretLogementDecrit,
    PretLogementRetire,
)
from router.domain.books import message_at
from router.domain.deadlines import Running, running_of
from router.domain.described import NAMED, described
from router.domain.partners import Registry
from router.domain.rulebooks.pret_logement import Etat, MenagePret
from tests.rows import each_row
from tests.unit.router.domain.monde import (
    BAILLEUR,
    JOUR,
    REGISTRE,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    partner,
)

DDETS, DELEGATE = "ddets", "delegataire"
CANDIDATURE, MENAGE = ident("candidature"), ident("ménage")


@pytest.fixture
def monde() -> Monde:
    """A world with the prefect's services, and a household on the list."""
    there = Monde().avec(partner(DDETS, Famille.CONTINGENT))
    assert there.dit(SIAO, declared()).recipients == (DDETS,)
    return there


def declared(**more: Any) -> PretLogementDeclare:
    return PretLogementDeclare(menage=menage(), departement="01", evaluee_le=JOUR, **more)


def household(monde: Monde) -> MenagePret:
    found = monde.subjects[MENAGE]
    assert isinstance(found, MenagePret)
    return found


def presented() -> CandidaturePresentee:
    return CandidaturePresentee(
        candidature=CANDIDATURE, menage=menage(), bailleur=SIRET, canal=Canal.CONTINGENT
    )


def test_every_change_of_the_list_reaches_the_prefects_services_at_once(monde: Monde) -> None:
    news = PretLogementActualise(menage=menage(), departement="01", evaluee_le=JOUR)
    gone = PretLogementRetire(menage=MENAGE, motif=MotifRetrait.RENONCIATION)
    assert monde.dit(SIAO, news).recipients == (DDETS,)
    assert monde.dit(SIAO, gone).recipients == (DDETS,)
    assert household(monde).etat is Etat.RETIRE


def test_a_second_declaration_that_says_less_leaves_the_list_as_it_is_and_names_what_it_lacks(
    monde: Monde,
) -> None:
    full = declared(communes=("01053",), dalo="ACTIF")
    seen = menage(telephone="06 00 00 00 00", droit_sejour="10", victime_de_violences=True)
    full = full.model_copy(update={"menage": seen})
    monde.dit(SIAO, described(full))
    before = household(monde)
    monde.now += timedelta(days=1)
    said, again = (monde.dit(SIAO, described(declared(communes=("01053",)))) for _ in ("soir", "lendemain"))
    (alert,) = said.derived
    assert (again.derived, again.outcome) == ((), said.outcome), "dit une fois"
    assert isinstance(alert, AlerteAnomalie)
    assert (alert.motif, alert.manquants) == (
        "DESCRIPTION_INCOMPLETE",
        ("menage.telephone", "situation_sociale"),
    )
    assert (said.recipients, household(monde).decrit_par) == ((), before.decrit_par)
    assert running(monde)[Echeance.CONFIRMATION].started_at == monde.now, "il est redit prêt"
    assert (explication(alert, Famille.SIAO) or "").startswith(
        "Il manque : menage.telephone, situation_sociale."
    )
    elsewhere = monde.dit(SIAO, described(declared(communes=("01004",))))
    assert len(elsewhere.derived) == 1, "des communes nouvelles se disent"
    less = PretLogementActualise(menage=menage(), departement="01", evaluee_le=JOUR)
    assert monde.dit(SIAO, described(less)).recipients == (DDETS,), "actualiser peut retirer"
    assert monde.dit(SIAO, described(declared())).recipients == (DDETS,)


def test_no_single_field_above_identity_is_named_in_clear_as_filled_in() -> None:
    optional = {
        *(n for n, f in PretLogementDecrit.model_fields.items() if not f.is_required()),
        *(f"menage.{n}" for n, f in Menage.model_fields.items() if not f.is_required()),
    }
    noted = {"version", "numero", "fiche", "label", "renseigne", "menage.a_verifier"}
    obvious = {"menage.enfants", "menage.personnes"}
    named = {paths[0] for paths in NAMED.values() if len(paths) == 1}
    assert named == {"communes", "evaluation", "menage.telephone", "menage.numero_unique"}
    assert optional - noted - obvious - named - {*NAMED[ChampDecrit.SITUATION_SOCIALE]} == {
        "dalo",
        "menage.victime_de_violences",
    }


@pytest.mark.parametrize(
    "end",
    [
        DecisionCommission(candidature=CANDIDATURE, resultat="NON_ATTRIBUTION", commission_le=JOUR),
        DecisionCommission(candidature=CANDIDATURE, resultat="IRRECEVABILITE", commission_le=JOUR),
        CandidatureRetiree(candidature=CANDIDATURE),
    ],
    ids=lambda end: str(getattr(end, "resultat", "retrait")),
)
def test_a_household_whose_last_candidacy_ended_without_a_lease_is_to_be_presented_again(
    monde: Monde, end: Contrat
) -> None:
    other = ident("autre candidature")
    monde.dit(SIAO, presented())
    monde.dit(SIAO, presented().model_copy(update={"candidature": other}))
    monde.dit(SIAO if isinstance(end, CandidatureRetiree) else BAILLEUR, end)
    assert household(monde).etat is Etat.PRESENTE, "l'autre candidature court encore"
    monde.dit(SIAO, CandidatureRetiree(candidature=other))
    assert household(monde).etat is Etat.DECLARE
    assert household(monde).candidatures == ()


def answer(reponse: str, **more: Any) -> ListeRepondue:
    return ListeRepondue(menage=MENAGE, reponse=reponse, repondue_le=JOUR, **more)


def test_a_reader_answers_about_a_household_of_its_list_and_the_siao_learns_it(monde: Monde) -> None:
    assert monde.dit(DDETS, answer("LABELLISEE")).recipients == (SIAO,)
    assert household(monde).inscriptions == {DDETS: "LABELLISEE"}
    assert monde.dit(DDETS, answer("LABELLISEE")).outcome == ("sans_effet", "deja_connu")
    assert monde.dit(DDETS, answer("REFUSEE", motif_refus="HORS_CONTINGENT")).recipients == (SIAO,)
    assert household(monde).inscriptions == {DDETS: "REFUSEE"}, "la dernière réponse compte"


def test_whoever_has_not_the_household_on_its_list_answers_nothing_about_it(monde: Monde) -> None:
    refused = monde.dit(BAILLEUR, answer("LABELLISEE"))
    assert refused.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    monde.dit(SIAO, PretLogementRetire(menage=MENAGE, motif=MotifRetrait.RENONCIATION))
    assert monde.dit(DDETS, answer("LABELLISEE")).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)


def test_a_household_described_anew_is_to_be_answered_where_papers_were_missing(monde: Monde) -> None:
    monde.dit(DDETS, answer("INCOMPLETE", pieces=("RESSOURCES",)))
    assert household(monde).inscriptions == {DDETS: "INCOMPLETE"}
    monde.dit(SIAO, declared())
    assert household(monde).inscriptions == {}


def two_readers() -> Monde:
    """A household on the lists of the prefect's services and of their delegate."""
    readers = [partner(name, Famille.CONTINGENT) for name in (DDETS, DELEGATE)]
    there = Monde().avec(*readers)
    there.dit(SIAO, declared())
    return there


def running(monde: Monde) -> Running:
    return running_of(household(monde), monde.registry)


def told(monde: Monde, echeance: Echeance, etape: Etape) -> list[tuple[str | None, set[str]]]:
    """Whom the alerts of a stage concern, and who receives each."""
    effects = monde.hub_dit(message_at(household(monde), running(monde)[echeance], etape))
    alerts = [each for each in effects.derived if isinstance(each, AlerteEcheance)]
    return [(alert.emetteur, set(monde.hub_dit(alert).recipients)) for alert in alerts]


def test_each_reader_that_has_not_answered_is_reminded_and_the_siao_learns_which_are_late() -> None:
    monde = two_readers()
    assert told(monde, Echeance.REPONSE_LISTE, Etape.MI_DELAI) == [(DDETS, {DDETS}), (DELEGATE, {DELEGATE})]
    monde.dit(DDETS, answer("LABELLISEE"))
    assert told(monde, Echeance.REPONSE_LISTE, Etape.BIENTOT) == [(DELEGATE, {DELEGATE})]
    assert told(monde, Echeance.REPONSE_LISTE, Etape.ECHUE) == [(DELEGATE, {DELEGATE, SIAO})]
    monde.dit(DELEGATE, answer("REFUSEE", motif_refus="HORS_CONTINGENT"))
    assert Echeance.REPONSE_LISTE not in running(monde)


def test_a_new_description_gives_an_awaited_reader_no_more_time_and_awaits_anew_who_lacked_papers() -> None:
    monde = two_readers()
    since = running(monde)[Echeance.REPONSE_LISTE].started_at
    monde.dit(DDETS, answer("INCOMPLETE", pieces=("RESSOURCES",)))
    monde.now += timedelta(days=3)
    monde.dit(DELEGATE, answer("LABELLISEE"))
    assert Echeance.REPONSE_LISTE not in running(monde), "le SIAO complète"
    monde.dit(SIAO, declared())
    again = running(monde)[Echeance.REPONSE_LISTE].started_at
    assert (household(monde).attendus, again - since) == ((DDETS,), timedelta(days=3))
    monde.now += timedelta(days=1)
    monde.dit(SIAO, declared())
    assert running(monde)[Echeance.REPONSE_LISTE].started_at == again


def labelling(siao: Labellisation | None = None, **readers: Labellisation) -> Monde:
    """A world whose entries say who labels."""
    others = [each for each in REGISTRE.partners.values() if each.id != SIAO]
    there = [
        partner(SIAO, Famille.SIAO, labellisation=siao),
        *(
            partner(name, Famille.CONTINGENT, labellisation=readers.get(name.replace("-", "_")))
            for name in (DDETS, DELEGATE)
        ),
    ]
    monde = Monde(Registry.of([*others, *there]))
    monde.dit(SIAO, declared())
    return monde


def test_who_labels_is_data_and_nobody_else_is_awaited() -> None:
    assert household(labelling()).attendus == (DDETS, DELEGATE), "rien n'est dit : chaque lecteur"
    monde = labelling(ddets=Labellisation())
    assert household(monde).attendus == (DDETS,)
    assert monde.dit(DELEGATE, answer("LABELLISEE")).recipients == (SIAO,), "il peut répondre"
    assert household(monde).attendus == (DDETS,)


def test_a_siao_that_labels_its_own_households_is_awaited_and_the_readers_of_the_list_are_told_of_its_answer() -> (
    None
):
    monde = labelling(siao=Labellisation(flux_delegue=True))
    assert household(monde).attendus == (SIAO,)
    assert told(monde, Echeance.REPONSE_LISTE, Etape.BIENTOT) == [(SIAO, {SIAO})]
    said = monde.dit(SIAO, answer("LABELLISEE"))
    assert (said.outcome, said.recipients) == (None, (DDETS, DELEGATE))
    assert said.change is not None
    assert (said.change.label, said.change.readers) == ("LABELLISEE", (SIAO, DDETS, DELEGATE))
    assert household(monde).attendus == ()
    redescribed = monde.dit(SIAO, declared()).change
    assert redescribed is not None
    assert redescribed.label == "LABELLISEE"
    assert household(monde).attendus == (), "une description ne lui retire pas son label"
    refusal, lacks = answer("REFUSEE", motif_refus="RESSOURCES"), answer("INCOMPLETE", pieces=("RESSOURCES",))
    assert monde.dit(SIAO, refusal).recipients == (DDETS, DELEGATE), "le label sur lequel ils comptent tombe"
    assert [monde.dit(SIAO, said).recipients for said in (lacks, refusal)] == [(), ()]
    refused = labelling(ddets=Labellisation()).dit(SIAO, answer("LABELLISEE"))
    assert refused.outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)


@pytest.mark.parametrize(("delegue", "awaited"), [(False, (DDETS,)), (True, ())])
def test_a_labelled_household_is_to_be_designated_unless_the_flow_is_delegated(
    delegue: bool, awaited: tuple[str, ...]
) -> None:
    monde = labelling(ddets=Labellisation(flux_delegue=delegue))
    monde.dit(DDETS, answer("LABELLISEE"))
    assert household(monde).attendus == awaited
    assert (Echeance.REPONSE_LISTE in running(monde)) is bool(awaited)
    monde.dit(DDETS, answer("DESIGNEE"))
    assert household(monde).attendus == ()


def test_a_household_presented_before_its_label_leaves_and_its_siao_knows_that_the_label_is_still_awaited() -> (
    None
):
    monde = labelling(ddets=Labellisation(avant_commission=True, flux_delegue=True))
    effects = monde.dit(SIAO, presented())
    assert effects.recipients == (BAILLEUR,)
    assert [each.motif for each in effects.derived if isinstance(each, AlerteAnomalie)] == [
        MotifAnomalie.SANS_LABEL
    ]
    assert told(monde, Echeance.REPONSE_LISTE, Etape.MI_DELAI) == [(DDETS, {DDETS})]
    monde.dit(DDETS, answer("LABELLISEE"))
    assert running(monde) == {}


@each_row(
    ("said", "motifs"),
    [
        (("REFUSEE", {"motif_refus": "RESSOURCES"}), [MotifAnomalie.SANS_LABEL]),
        (("INCOMPLETE", {"pieces": ("RESSOURCES",)}), [MotifAnomalie.SANS_LABEL]),
        (("LABELLISEE", {}), []),
        (("DESIGNEE", {}), []),
    ],
)
def test_a_refused_or_incomplete_label_is_no_label(
    said: tuple[str, dict[str, Any]], motifs: list[MotifAnomalie]
) -> None:
    monde = labelling(ddets=Labellisation(avant_commission=True, flux_delegue=True))
    monde.dit(DDETS, answer(said[0], **said[1]))
    told = [each.motif for each in monde.dit(SIAO, presented()).derived if isinstance(each, AlerteAnomalie)]
    assert told == motifs


@pytest.mark.parametrize("how", [Labellisation(), Labellisation(avant_commission=True, flux_delegue=True)])
def test_a_household_that_is_labelled_or_whose_label_may_follow_is_presented_without_a_word(
    how: Labellisation,
) -> None:
    monde = labelling(ddets=how)
    if how.avant_commission:
        monde.dit(DDETS, answer("LABELLISEE"))
    assert not [each for each in monde.dit(SIAO, presented()).derived if isinstance(each, AlerteAnomalie)]
    assert running(monde) == {}


def test_a_reader_has_the_time_that_its_entry_says() -> None:
    monde = two_readers()
    hurried = partner(DDETS, Famille.CONTINGENT, delais=Delais(liste="2 jours"))
    others = (each for each in monde.registry.partners.values() if each.id != DDETS)
    monde.registry = Registry.of([*others, hurried])
    deadline = running(monde)[Echeance.REPONSE_LISTE]
    assert deadline.due_at - deadline.started_at == timedelta(days=2)


def test_a_siao_that_confirms_no_household_as_ready_is_asked_then_told(monde: Monde) -> None:
    assert told(monde, Echeance.CONFIRMATION, Etape.BIENTOT) == [(SIAO, {SIAO})]
    assert told(monde, Echeance.CONFIRMATION, Etape.DEPASSEE) == [(SIAO, {SIAO})]
    since = running(monde)[Echeance.CONFIRMATION].started_at
    monde.now += timedelta(days=80)
    monde.dit(SIAO, PretLogementActualise(menage=menage(), departement="01", evaluee_le=JOUR))
    assert running(monde)[Echeance.CONFIRMATION].started_at - since == timedelta(days=80)


def test_nobody_is_pressed_about_a_household_that_is_presented_or_off_the_list(monde: Monde) -> None:
    monde.dit(SIAO, presented())
    assert running(monde) == {}
    monde.dit(SIAO, PretLogementRetire(menage=MENAGE, motif=MotifRetrait.RENONCIATION))
    assert running(monde) == {}


def test_a_household_that_was_withdrawn_may_be_ready_again(monde: Monde) -> None:
    monde.dit(SIAO, PretLogementRetire(menage=MENAGE, motif=MotifRetrait.PAS_ENCORE_PRET))
    assert monde.dit(SIAO, declared()).recipients == (DDETS,)
    assert household(monde).etat is Etat.DECLARE


@pytest.mark.parametrize("motif", [MotifRetrait.PAS_ENCORE_PRET, MotifRetrait.RELOGE])
def test_a_household_that_comes_back_to_the_list_is_to_be_answered_anew(
    monde: Monde, motif: MotifRetrait
) -> None:
    monde.dit(DDETS, answer("LABELLISEE"))
    monde.dit(SIAO, PretLogementRetire(menage=MENAGE, motif=motif))
    monde.now += timedelta(days=240)
    monde.dit(SIAO, declared())
    assert running(monde)[Echeance.REPONSE_LISTE].started_at == monde.now
    assert monde.dit(DDETS, answer("LABELLISEE")).recipients == (SIAO,)


def test_nobody_but_the_siao_that_put_it_there_moves_a_household_of_the_list(monde: Monde) -> None:
    monde.avec(partner("siao-02", Famille.SIAO, territoire="02"))
    gone = PretLogementRetire(menage=MENAGE, motif=MotifRetrait.ERREUR)
    for source in (DDETS, "siao-02"):
        assert monde.dit(source, gone).outcome == ("anomalie", MotifAnomalie.EMETTEUR_INATTENDU)
    assert household(monde).etat is Etat.DECLARE


def test_a_household_that_is_presented_stays_on_the_list_whatever_the_commission_decides(
    monde: Monde,
) -> None:
    monde.dit(SIAO, presented())
    refused = DecisionCommission(candidature=CANDIDATURE, resultat="NON_ATTRIBUTION", commission_le=JOUR)
    assert monde.dit(BAILLEUR, refused).change is None
    assert household(monde).lecteurs == (DDETS,)


def test_a_lease_takes_the_household_off_the_list_and_the_prefects_services_are_told(monde: Monde) -> None:
    monde.dit(SIAO, presented())
    granted = DecisionCommission(candidature=CANDIDATURE, resultat="ATTRIBUTION", commission_le=JOUR)
    monde.dit(BAILLEUR, granted)
    (news,) = monde.dit(BAILLEUR, BailSigne(candidature=CANDIDATURE, signature_le=JOUR)).derived
    assert household(monde).etat is Etat.RELOGE
    assert monde.hub_dit(news).recipients == (DDETS,)
    assert household(monde).etat is Etat.RELOGE


def test_a_household_that_is_not_on_the_list_is_presented_all_the_same() -> None:
    monde = Monde()
    assert monde.dit(SIAO, presented()).recipients == (BAILLEUR,)
    assert MENAGE not in monde.subjects


def test_two_households_that_are_one_are_noted_and_told_to_nobody(monde: Monde) -> None:
    effects = monde.dit(SIAO, DoublonConfirme(menage=MENAGE, autre=ident("autre")))
    assert (effects.recipients, effects.outcome) == ((), None)
