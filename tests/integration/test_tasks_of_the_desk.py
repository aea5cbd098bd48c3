"""Whoever has to act reads it among its own tasks, whatever the kind of subject, and opens it there."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from contracts.partner import Famille
from ops.acts.sql import proposed
from ops.desk import sql as desk
from ops.desk.lines import ARRIVING
from ops.desk.numbers import reference_of
from ops.running.hub import LISTS
from router.domain.partners import Registry
from router.domain.rulebooks import (
    acte,
    aide_sociale,
    daho,
    demande,
    examen,
    orientation,
    place,
    pret_logement,
    signalement,
    suivi,
)
from router.domain.rulebooks.acte import Acte, Convention, Derogation
from router.domain.rulebooks.aide_sociale import AideSociale
from router.domain.rulebooks.daho import Daho
from router.domain.rulebooks.examen import Examen
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.rulebooks.signalement import Signalement
from router.domain.rulebooks.suivi import Suivi
from router.domain.rules.acts import waits_for
from router.domain.subjects import Demande, Orientation, Place, Subject
from router.store.asked import asked
from router.store.sql import Connection, Sql
from router.store.subjects import SAVED, values_of
from tests.integration import cost, lasting
from tests.integration.messages import NOM, vacancy
from tests.integration.registry import FINESS, SIRET_BAILLEUR
from tests.integration.test_desk import words
from tests.integration.test_families import household, joined, mailbox
from tests.integration.visitors import visitor, works_at
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
console, prepared, world = lasting.console, lasting.prepared, lasting.world
MANY = 1000
AT = datetime.now(UTC) - timedelta(hours=2)
SOON = (AT + timedelta(days=20)).date()
AIDE = AideSociale(
    id=uuid4(),
    etat=aide_sociale.Etat.DEMANDEE,
    emetteur="centre",
    destinataire="etat",
    menage=uuid4(),
    orientation=uuid4(),
    jusqu_au=SOON,
    prolongation_avant_le=SOON,
    etat_depuis=AT,
    remise_le=AT,
)
ASKED = Demande(
    id=uuid4(),
    etat=demande.Etat.RECUE,
    emetteur="centre-boite",
    destinataire="siao-01",
    menage=uuid4(),
    etat_depuis=AT,
    evaluateur="service",
    evaluation_depuis=AT,
    evaluation_avant_le=SOON,
)
LISTED = MenagePret(
    id=uuid4(),
    etat=pret_logement.Etat.DECLARE,
    emetteur="siao-01",
    menage=uuid4(),
    lecteurs=("contingent",),
    attendus_depuis=AT,
    decrit_le=AT - timedelta(days=80),
    etat_depuis=AT,
)
ENDED = Orientation(
    id=uuid4(),
    etat=orientation.Etat.SORTIE,
    emetteur="siao-01",
    destinataire="centre",
    menage=uuid4(),
    operateurs_attendus=("service",),
    accompagnement_depuis=AT,
)
CLOSED: tuple[Subject, ...] = (replace(ASKED, id=uuid4(), etat=demande.Etat.POURVUE), ENDED)
"""Subjects that have ended before the partner that was asked has answered."""
SUBJECTS: tuple[Subject, ...] = (
    AIDE,
    replace(AIDE, id=uuid4(), etat=aide_sociale.Etat.INCOMPLETE),
    Daho(
        id=uuid4(),
        etat=daho.Etat.DESIGNE,
        emetteur="etat",
        destinataire="siao-01",
        menage=uuid4(),
        decision_le=AT.date(),
        avant_le=SOON,
        designe_le=AT,
        etat_depuis=AT,
        remise_le=AT,
    ),
    Suivi(
        id=uuid4(),
        etat=suivi.Etat.SOLLICITE,
        emetteur="siao-01",
        destinataire="operateur",
        menage=uuid4(),
        etat_depuis=AT,
        remise_le=AT,
    ),
    Examen(
        id=uuid4(),
        etat=examen.Etat.A_EXAMINER,
        emetteur="etat",
        destinataire="siao-01",
        menage=uuid4(),
        seance_le=SOON,
        etat_depuis=AT,
        remise_le=AT,
    ),
    Signalement(
        id=uuid4(),
        etat=signalement.Etat.SIGNALE,
        emetteur="centre",
        destinataire="siao-01",
        menage=uuid4(),
        etat_depuis=AT,
    ),
    ASKED,
    LISTED,
    Place(id=uuid4(), etat=place.Etat.OCCUPEE, gestionnaire="centre", a_justifier_depuis=AT),
)
TASKS = {
    "etat": ["dire quand la demande est reçue, et ce qui manque"],
    "centre": ["envoyer les pièces qui manquent", "donner le titre de l'admission sans le SIAO"],
    "operateur": ["dire si vous accompagnez le ménage"],
    "service": ["évaluer le ménage, comme son SIAO le demande"],
    "contingent": ["labelliser le ménage, le refuser, ou dire ce qui manque"],
    "siao-01": [
        "orienter le ménage dans le délai",
        "donner son avis avant la séance",
        "dire ce qu'il en est",
        "évaluer la demande",
        "confirmer que le ménage est encore prêt",
    ],
}


async def test_whoever_has_to_act_reads_it_among_its_tasks_and_opens_it(console: World) -> None:
    await joined(
        console,
        mailbox("etat", Famille.ETAT, "etat_json"),
        mailbox("operateur", Famille.ACCOMPAGNEMENT, "accompagnement_tableau"),
        mailbox("service", Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox("contingent", Famille.CONTINGENT, "contingent_json"),
    )
    await console.sql(  # without a key, it is a forgotten household, which the round takes off the list
        "INSERT INTO holder_key (holder, wrapped, master) VALUES ($1, '', '')", LISTED.id
    )
    async with console.database.transaction() as connection:
        await Sql(SAVED).run(connection, **values_of((*SUBJECTS, *CLOSED)))
        of_the_service = await asked(connection, "service", (), (), AT, 200)
    assert [each.id for each in of_the_service] == [ASKED.id], "ce qui est clos ne prend la place de rien"
    await console.sql(
        "INSERT INTO deadline (subject, kind, started_at, due_at, stage, next_at)"
        " VALUES ($1, 'CONFIRMATION', now(), now() + interval '10 days', 2, now() + interval '10 days')",
        LISTED.id,
    )
    for partner, expected in TASKS.items():
        sub = await works_at(console.settings.console.issuer, partner)
        async with visitor(console.settings.console, sub) as theirs:
            shown = await theirs.get("/bureau")
            assert [each for each in expected if each not in words(shown)] == [], partner
            pages = re.findall(r'href="(/bureau/recu/[^"]+)"', shown.text)
            assert len(pages) == len(expected), f"rien d'autre n'attend {partner}"
            for path in pages:
                opened = await theirs.get(path)
                assert opened.status == 200
                assert "À vous" in words(opened), path
            if partner == "service":
                closed = await theirs.get(f"/bureau/recu/{CLOSED[0].id}")
                assert closed.status == 404, "qui devait évaluer une demande close n'y a plus de part"


async def test_the_tasks_of_a_partner_are_found_without_reading_those_of_others_or_what_has_ended(
    prepared: World,
) -> None:
    def many(*different: Subject) -> list[Subject]:
        return [replace(each, id=uuid4()) for each in different for _ in range(MANY)]

    other = replace(ENDED, etat=orientation.Etat.ADMISE, operateurs_attendus=("other",))
    labelled = replace(LISTED, lecteurs=("service", "other"), inscriptions={"service": "LABELLISEE"})
    housed = replace(LISTED, etat=pret_logement.Etat.RELOGE, emetteur="service")
    lived_in = Place(id=uuid4(), etat=place.Etat.OCCUPEE, gestionnaire="service")
    asks = (
        replace(ENDED, etat=orientation.Etat.ADMISE),
        replace(LISTED, lecteurs=("service",), labellisent=("service", "other")),
        replace(lived_in, a_justifier_depuis=AT),
        replace(LISTED, emetteur="service"),
    )
    theirs = [replace(each, id=uuid4()) for each in asks for _ in range(3)]
    await cost.left_alone(prepared, "subject")
    async with prepared.database.transaction() as connection:
        crowd = [*many(*CLOSED, other, labelled, housed, lived_in), *theirs]
        await Sql(SAVED).run(connection, **values_of(crowd))
    await prepared.sql(  # as a worker of the version before takes it off the lists
        'UPDATE subject SET donnees = donnees || \'{"lecteurs_attendus": ["service"]}\''
        " WHERE id IN (SELECT id FROM subject WHERE etat = 'RELOGE' LIMIT 3)"
    )
    await prepared.sql(
        "INSERT INTO deadline (subject, kind, started_at, due_at, stage)"
        " SELECT id, 'CONFIRMATION', now(), now(), 0 FROM subject WHERE donnees ->> 'emetteur' = 'service'"
        " AND nature = 'menage' AND etat = 'DECLARE'"
    )
    await cost.know_the_sizes(prepared, "subject")
    for generic in (False, True):
        async with prepared.database.transaction() as connection:
            if generic:
                await cost.plan_for_any_values(connection)
            async with cost.rows_read(connection) as read:
                found = await asked(connection, "service", (), (), datetime.now(UTC), 200)
            assert {each.id for each in found} == {each.id for each in theirs}
            assert read["subject"] <= 3 * len(theirs), generic


async def test_the_acts_that_wait_for_a_partner_are_found_without_reading_those_of_others_or_in_force(
    prepared: World,
) -> None:
    before = prepared.registry_with(
        mailbox("etat", Famille.ETAT, "etat_json"),
        mailbox("siao-69", Famille.SIAO, "si_siao_json", structures=("35600000000097",), territoire="69"),
    )
    registry = Registry.of(before.partners.values(), {"siao-69": "siao-01"})
    elsewhere = Derogation(
        id=uuid4(),
        etat=acte.Etat.PROPOSEE,
        emetteur="other",
        territoire="69",
        attendus=("GESTIONNAIRE", "SIAO", "ETAT"),
        signatures={"GESTIONNAIRE": "other"},
    )
    between = Convention(
        id=uuid4(), etat=acte.Etat.PROPOSEE, emetteur="other", territoire="69", attendus=("other", "another")
    )
    in_force = replace(elsewhere, etat=acte.Etat.EN_VIGUEUR, territoire="01")
    waiting: tuple[Acte, ...] = (
        replace(elsewhere, territoire="01"),
        replace(elsewhere, territoire="01-nord", structure=FINESS, signatures={"SIAO": "siao-01"}),
        replace(
            elsewhere, territoire="01", emetteur="siao-01", gestionnaire="centre", signatures={}
        ),  # contested; its address is secret
        replace(between, attendus=(SIRET_BAILLEUR, "other")),
        replace(between, attendus=registry.partners["siao-69"].structures),
    )
    everything = [
        *(replace(each, id=uuid4()) for each in (elsewhere, between, in_force) for _ in range(MANY)),
        *(replace(each, id=uuid4()) for each in waiting for _ in range(3)),
    ]
    await cost.left_alone(prepared, "subject")
    async with prepared.database.transaction() as connection:
        await Sql(SAVED).run(connection, **values_of(everything))
    await cost.know_the_sizes(prepared, "subject")
    for generic in (False, True):
        for name, number in {"siao-01": 9, "etat": 9, "centre": 6, "bailleur": 3}.items():
            partner = registry.partners[name]
            async with prepared.database.transaction() as connection:
                if generic:
                    await cost.plan_for_any_values(connection)
                async with cost.rows_read(connection) as read:
                    found = await proposed(connection, partner, registry, 200)
            theirs = {each.id for each in everything if waits_for(each, partner, registry)}
            assert len(theirs) == number, name
            assert theirs <= {each.id for each in found}, name
            assert read["subject"] <= 3 * len(waiting), (name, generic)
    async with prepared.database.transaction() as connection:
        assert len(await proposed(connection, registry.partners["etat"], registry, 2)) == 2


async def test_a_household_that_a_worker_of_the_version_before_has_changed_is_soon_a_task_of_whoever_owes_an_answer(
    world: World,
) -> None:
    await joined(
        world, *(mailbox(name, Famille.CONTINGENT, "contingent_json") for name in ("ddets", "mairie"))
    )
    said = {"type": "menage.pret-logement.declare", "ficheGroupe": household(1), "idMessage": 1}
    ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
    await world.accepted("siao-01", said | {"logement": ready})
    await world.settled()

    async def asks(connection: Connection) -> list[int]:
        return [len(await asked(connection, who, (), (), AT, 200)) for who in ("ddets", "mairie")]

    async def is_mended() -> bool:
        async with world.database.transaction() as connection:
            return await asks(connection) == [1, 1]

    assert world.hub is not None
    assert await is_mended()
    for written in ("{}", '{"lecteurs_attendus": ["mairie"]}'):  # without them, or before somebody answered
        async with world.database.transaction() as connection:  # before a round of the lists sees it
            await connection.execute(
                "UPDATE subject SET donnees = donnees - 'lecteurs_attendus' || $1 WHERE nature = 'menage'",
                written,
            )
            assert await asks(connection) != [1, 1]
        world.hub.wake[LISTS].set()
        await until(is_mended, "la ronde des listes relit chaque ménage")


async def test_households_to_refer_again_are_found_without_reading_the_referrals_of_others_or_those_under_way(
    prepared: World,
) -> None:
    refused = replace(ENDED, etat=orientation.Etat.REFUS_STRUCTURE, operateurs_attendus=(), etat_depuis=AT)

    def each_of_its_own(number: int, **more: Any) -> list[Orientation]:
        return [replace(refused, id=uuid4(), menage=uuid4(), **more) for _ in range(number)]

    left = each_of_its_own(3)
    housed = each_of_its_own(3)
    arrived = [replace(each, id=uuid4(), etat=orientation.Etat.ENTREE) for each in housed]
    waiting = replace(ASKED, id=uuid4(), etat=demande.Etat.EN_ATTENTE)
    directed = replace(ASKED, id=uuid4(), etat=demande.Etat.ORIENTEE)
    with_a_task, split = each_of_its_own(1, demande=waiting.id), each_of_its_own(1, demande=directed.id)
    merged = replace(ASKED, id=uuid4(), etat=demande.Etat.ORIENTEE)
    renamed = each_of_its_own(1, demande=merged.id)
    arrived += each_of_its_own(1, demande=merged.id, etat=orientation.Etat.ENTREE)  # as another household
    elsewhere = each_of_its_own(MANY, emetteur="siao-69")
    under_way = each_of_its_own(MANY, etat=orientation.Etat.PROPOSEE)
    await cost.left_alone(prepared, "subject")
    async with prepared.database.transaction() as connection:
        await Sql(SAVED).run(connection, **values_of([*left, directed, *split]))
    async with prepared.database.transaction() as connection:  # newer than those that wait
        newer = [*housed, *arrived, waiting, *with_a_task, merged, *renamed]
        await Sql(SAVED).run(connection, **values_of([*newer, *elsewhere, *under_way]))
    few = [*left, directed, *split, *newer]
    await cost.know_the_sizes(prepared, "subject")
    for generic in (False, True):
        async with prepared.database.transaction() as connection:
            if generic:
                await cost.plan_for_any_values(connection)
            async with cost.rows_read(connection) as read:
                found, _ = await desk.without_place(connection, "siao-01", AT, len(left) + len(split))
            assert {each.id for each, _ in found} == {each.id for each in (*left, *split)}
            assert read["subject"] <= 4 * len(few), generic
            seen = [
                await desk.is_without_place(connection, each.id) for each in (*left, *housed, *under_way[:1])
            ]
        assert seen == [True, True, True, False, False, False, False]


async def test_a_reference_is_searched_without_reading_referrals_that_ended_long_ago_or_are_of_others(
    prepared: World,
) -> None:
    old = [replace(ENDED, id=uuid4(), menage=uuid4()) for _ in range(MANY)]
    waiting = replace(ENDED, id=uuid4(), etat=orientation.Etat.PROPOSEE)
    ended, elsewhere = replace(ENDED, id=uuid4()), replace(ENDED, id=uuid4(), emetteur="siao-69")
    await cost.left_alone(prepared, "subject")
    async with prepared.database.transaction() as connection:
        await Sql(SAVED).run(connection, **values_of([*old, waiting]))
    await prepared.sql("UPDATE subject SET changed_at = now() - interval '91 days'")
    async with prepared.database.transaction() as connection:
        await Sql(SAVED).run(connection, **values_of([ended, elsewhere]))
    await cost.know_the_sizes(prepared, "subject")
    sought = [(waiting, True), (ended, True), (elsewhere, False), (old[0], False)]
    for generic in (False, True):
        async with prepared.database.transaction() as connection:
            if generic:
                await cost.plan_for_any_values(connection)
            async with cost.rows_read(connection) as read:
                for each, known in sought:
                    reference = reference_of(each.id)
                    since = datetime.now(UTC) - desk.REFERENCED_WITHIN
                    found = await desk.referenced(connection, [ENDED.emetteur], reference, since, 5)
                    assert found == [each.id] * known
            assert read["subject"] <= 4 * len(sought), generic


async def test_the_arrivals_that_a_form_offers_are_fifty_in_all_and_those_who_have_arrived_come_first(
    prepared: World,
) -> None:
    arrived = [replace(ENDED, id=uuid4(), etat=orientation.Etat.ENTREE) for _ in range(3)]
    expected = [replace(ENDED, id=uuid4(), etat=each) for each in orientation.ATTENDUES for _ in range(50)]
    async with prepared.database.transaction() as connection:
        await Sql(SAVED).run(connection, **values_of([*arrived, *expected]))
        found = await desk.arrivals(connection, str(ENDED.destinataire), ARRIVING)
    assert len(found) == 50
    assert {each.id for each in found[:3]} == {each.id for each in arrived}


async def test_a_centre_gives_the_title_of_an_admission_and_says_who_occupies_a_place_by_a_button(
    console: World,
) -> None:
    for code in ("A-1", "A-2"):
        await console.accepted("centre", vacancy(code))
    await console.accepted("centre", {"type": "place.occupee", "place": "A-1"})
    admitted = {"type": "admission.directe", "place": "A-2", "admissionLe": AT.date().isoformat()}
    who = {"id": "M-2", "composition": "10", "adultes": 1, "personnes": [{"nom": NOM, "prenom": "Ana"}]}
    await console.accepted("centre", {**admitted, "menage": who})
    await console.settled()
    async with visitor(console.settings.console, "partenaire") as centre:
        listed = await centre.get("/bureau")
        given = {"donner le titre": ("admission.directe.", {"motif_admission": "URGENCE"}),
                 "dire qui occupe": ("place.occupee.", {"raison": "NAISSANCE"})}  # fmt: skip
        for words_of, (acte, fields) in given.items():
            assert words_of in words(listed)
            (path,) = re.findall(rf'href="(/bureau/recu/[^"]+)">(?:(?!</tr>).)*{words_of}', listed.text, re.S)
            said = await centre.post(f"{path}/dire", acte=acte, cle=str(uuid4()), **fields)
            assert said.status == 200, words(said)
        assert "Rien à faire pour l'instant." in words(await centre.get("/bureau"))
    told = await until(lambda: console.siao.of_type("admission.directe")[1:], "le SIAO apprend le titre")
    (first, *_), (again,) = console.siao.of_type("admission.directe"), told
    assert again["ficheGroupe"] == first["ficheGroupe"], "le même ménage, et tout ce qui en était dit"


async def test_a_siao_confirms_that_a_household_is_ready_and_withdraws_another_by_a_button(
    console: World,
) -> None:
    for number in (1, 2):
        ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
        said = {"idMessage": number, "type": "menage.pret-logement.declare", "ficheGroupe": household(number)}
        await console.accepted("siao-01", {**said, "logement": ready})
    await console.settled()
    one, other = [row.subject for row in await console.events("siao-01", "menage.pret-logement.declare")]
    async with visitor(console.settings.console, "referente") as referente:
        for ident, acte, fields in (
            (one, "menage.pret-logement.actualise.", {}),
            (other, "menage.pret-logement.retire.", {"motif": "RENONCIATION"}),
        ):
            path = f"/bureau/recu/{ident}/dire"
            answered = await referente.post(path, acte=acte, cle=str(uuid4()), **fields)
            assert answered.status == 200, words(answered)
    await console.settled()
    (confirmed,) = await console.events("siao-01", "menage.pret-logement.actualise")
    assert confirmed.subject == one
    (withdrawn,) = await console.events("siao-01", "menage.pret-logement.retire")
    assert withdrawn.subject == other


async def test_a_siao_confirms_or_refuses_by_a_button_a_household_that_a_centre_declares(
    console: World,
) -> None:
    await console.apply(console.registry(**{"siao-01": {"declarants": (Famille.HEBERGEMENT,)}}))
    for number in ("M-1", "M-2"):
        who = {"id": number, "composition": "10", "adultes": 1, "personnes": [{"nom": NOM}]}
        ready = {"type": "menage.pret-logement.declare", "departement": "01", "evalueeLe": "2026-03-01"}
        await console.accepted("centre-boite", ready | {"menage": who, "idEvenement": number})
    await console.settled()
    given = {"CONFIRMEE": {}, "REFUSEE": {"motif_refus": "SANS_EVALUATION"}}
    async with visitor(console.settings.console, "referente") as referente:
        listed = await referente.get("/bureau")
        assert words(listed).count("confirmer que le ménage est prêt, ou le refuser") == 2
        for path, (answer, fields) in zip(
            re.findall(r'href="(/bureau/recu/[^"]+)"', listed.text), given.items(), strict=True
        ):
            assert "Refuser de le mettre sur la liste" in words(await referente.get(path))
            acte = f"menage.pret-logement.repondu.{answer}"
            said = await referente.post(f"{path}/dire", acte=acte, cle=str(uuid4()), **fields)
            assert said.status == 200, words(said)
        await console.settled()
        assert "confirmer que le ménage est prêt" not in words(await referente.get("/bureau"))
    told = await console.collected("centre-boite", 2)
    assert [(each["reponse"], each.get("motifRefus")) for each in told] == [
        ("CONFIRMEE", None),
        ("REFUSEE", "SANS_EVALUATION"),
    ]
