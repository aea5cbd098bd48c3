"""A partner's own people at their desk: what they read, answer and drop there goes by the door, as a message does."""

import html
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from contracts.partner import Famille
from contracts.uuids import dated
from ops.tracing import sql as tracing
from tests.integration import lasting
from tests.integration.desk import siao_hub
from tests.integration.messages import NOM, vacancy
from tests.integration.registry import FINESS, SIRET_BAILLEUR
from tests.integration.test_families import demand, joined, mailbox
from tests.integration.test_fate import read_and_left
from tests.integration.test_sandbox import sandboxed, with_sandboxes
from tests.integration.visitors import Shown, Visitor, visitor, works_at
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
console = lasting.console
SOON = datetime.now(UTC).date() + timedelta(days=14)


def words(shown: Shown) -> str:
    """What a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown.text)).split())


async def says(visiting: Visitor, subject: str, acte: str, **fields: str) -> Shown:
    return await visiting.post(f"/bureau/recu/{subject}/dire", acte=acte, cle=str(uuid4()), **fields)


async def test_a_centre_reads_its_referral_in_clear_and_answers_it_with_a_button(console: World) -> None:
    ours = await console.referred()
    await console.settled()
    async with visitor(console.settings.console, "partenaire") as partenaire:
        todo = await partenaire.get("/bureau")
        assert "1 chose vous attend" in words(todo)
        assert f'href="/bureau/recu/{ours}"' in todo.text
        assert NOM in words(todo), "quel ménage, parmi toutes les tâches"
        shown = words(await partenaire.get(f"/bureau/recu/{ours}"))
        assert NOM in shown, "le nom, que la matrice permet au centre avant l'admission"
        assert "La décision elle-même : avant le" in shown, "chaque délai a son heure"
        assert "Ressources" not in shown, "et rien de ce qu'elle ne permet pas"
        assert "Refuser" in shown
        assert "Prolonger le séjour" not in shown, "seulement ce qui se peut maintenant"
        before = len(console.siao.messages)
        answered = await says(partenaire, ours, "orientation.acceptee.", accueil_le=str(SOON))
        assert answered.status == 200
        assert "acceptée" in words(answered)
        assert re.search(r"Envoyé au SIAO à \d\d h \d\d", words(answered)), "et quand c'est parti"
    await until(lambda: len(console.siao.messages) > before, "le SIAO apprend l'acceptation")
    assert console.siao.messages[-1]["type"] == "orientation.acceptee"
    reads = await console.audited("bureau.lire")
    (spoken,) = await console.audited("bureau.dire")
    assert {row.actor for row in [*reads, spoken]} == {"console:partenaire"}
    lists = [row for row in reads if row.object == "centre"]
    assert (len(lists), len(reads)) == (2, 4), (
        "deux fois les tâches, dont une en entrant, et deux fois la page"
    )
    assert all(ours in row.detail for row in lists), "une ligne par liste, qui dit de quels ménages"
    assert console.hub is not None
    console.hub.heart.wake.set()
    seen = "SELECT 1 FROM contact WHERE partner = 'centre' AND polled_at IS NOT NULL"
    await until(lambda: console.sql(seen), "la visite du bureau est notée comme une relève")


async def a_neighbour_finds_nothing_of_it(console: World, ours: str) -> None:
    async with visitor(console.settings.console, "voisin") as voisin:
        assert "Rien à faire pour l'instant." in words(await voisin.get("/bureau"))
        for shown in (
            await voisin.get(f"/bureau/recu/{ours}"),
            await says(voisin, ours, "orientation.acceptee."),
            await voisin.post(f"/bureau/recu/{ours}/confirmer"),
        ):
            assert shown.status == 404
        for said in (uuid4(), dated(datetime.now(UTC)), "ffffffff-ffff-7fff-bfff-ffffffffffff"):
            page = await voisin.get(f"/bureau/places?dit={said}")
            assert (page.status, "Envoyé" in words(page)) == (200, False), (
                "un lien ne fait rien dire au bureau"
            )


async def test_a_neighbour_cannot_answer_a_button_pressed_twice_answers_once_and_a_late_one_says_why_not(
    console: World,
) -> None:
    ours = await console.referred()
    await console.settled()
    await a_neighbour_finds_nothing_of_it(console, ours)
    async with visitor(console.settings.console, "partenaire") as partenaire:
        key = str(uuid4())
        refusal = {"acte": "orientation.refusee.STRUCTURE", "motif": "COMPOSITION_INADAPTEE", "cle": key}
        assert (await partenaire.post(f"/bureau/recu/{ours}/dire", **refusal)).status == 200
        again = await partenaire.post(f"/bureau/recu/{ours}/dire", **refusal)
        assert again.status == 422
        assert "Cela ne se peut plus" in words(again)
        unfilled = await says(partenaire, ours, "orientation.refusee.STRUCTURE")
        assert "Rien n'a été envoyé." in words(unfilled)
        reads = len(await console.audited("bureau.lire"))
        await partenaire.post(f"/bureau/recu/{ours}/confirmer")
        assert len(await console.audited("bureau.lire")) == reads + 1, "la page qui suit, non la confirmation"
    await console.settled()
    assert len(console.siao.of_type("orientation.refusee")) == 1
    assert not console.siao.of_type("orientation.acceptee")


async def test_a_refused_referral_keeps_a_reference_that_both_sides_find(console: World) -> None:
    ours = await console.referred()
    await console.settled()
    reference = ours[-6:]
    async with visitor(console.settings.console, "partenaire") as partenaire:
        named = await partenaire.post("/bureau/recu", nom=NOM.lower())
        assert f'href="/bureau/recu/{ours}"' in named.text, "un ménage se cherche par son nom dans Reçu"
        inside = await partenaire.post("/bureau/recu", nom=NOM.lower()[1:])
        assert f'href="/bureau/recu/{ours}"' not in inside.text, (
            "par le début d'un nom, comme dans Mes envois"
        )
        refused = await says(partenaire, ours, "orientation.refusee.STRUCTURE", motif="COMPOSITION_INADAPTEE")
        assert f"en citant la référence {reference}" in words(refused), "quand le nom est effacé"
        assert f"réf. {reference}" in words(await partenaire.get("/bureau/recu"))
        table = (await partenaire.get("/bureau/recu?csv=true")).text
        assert f";réf. {reference};" in table
        assert ";refusée par la structure;composition inadaptée;" in table, "et le motif"
        none = await partenaire.post("/bureau/recu", nom="Personne")
        assert "Rien de récent ne répond à cela" in words(none)
        assert reference in (await partenaire.post("/bureau/recu", nom=reference, csv="true")).text
        nobody = (await partenaire.post("/bureau/recu", nom="Personne", csv="true")).text
        assert len(nobody.splitlines()) == 1, "le fichier a les lignes du tableau, et ses titres"
        found = await partenaire.post("/recherche", q=f"réf. {reference.upper()}")
        assert f'href="/bureau/recu/{ours}"' in found.text
        lost = await partenaire.post("/recherche", q="Lucie")
        for page in ("Reçu", "Mes envois"):
            assert f"Chercher « Lucie » dans {page}" in words(lost), "une recherche vaine mène plus loin"
        assert "Le nom d'un ménage se cherche par les boutons ci-dessus" in words(lost)
        assert "scellé" not in words(lost)
    async with visitor(
        console.settings.console, await works_at(console.settings.console.issuer, "siao-01")
    ) as siao:
        assert f"réf. {reference}" in words(await siao.get(f"/bureau/recu/{ours}"))
        assert f'href="/bureau/recu/{ours}"' in (await siao.post("/recherche", q=reference)).text
    await console.sql("UPDATE subject SET changed_at = now() - interval '30 days'")
    async with visitor(console.settings.console, "referente") as siao:
        assert ours in (await siao.post("/recherche", q=reference)).text, "un mois après"
    async with visitor(console.settings.console, "voisin") as voisin:
        assert ours not in (await voisin.post("/recherche", q=reference)).text


async def test_a_landlord_confirms_a_candidacy_and_its_delays_begin(console: World) -> None:
    presented = {
        "idMessage": "c-1",
        "type": "candidature.presentee",
        "candidature": {"id": 31, "bailleur": SIRET_BAILLEUR, "canal": "DIRECT"},
        "ficheGroupe": {
            "id": 310,
            "composition": 10,
            "nbAdultes": 1,
            "numeroUnique": "001112600000131G0001",
            "personnes": [{"nom": NOM, "prenom": "Camille"}],
        },
    }
    presented["ficheGroupe"]["numeroUnique"] = "1110318016982G1104"  # type: ignore[index]  # a nested object
    await console.accepted("siao-01", presented)
    await console.settled()
    sub = await works_at(console.settings.console.issuer, "bailleur")
    async with visitor(console.settings.console, sub) as bailleur:
        ours = await the_one_received(bailleur)
        shown = await bailleur.get(f"/bureau/recu/{ours}")
        assert "Répondre suffit. Après « J'ai bien reçu », il vous reste 30 jours pour répondre." in words(
            shown
        ), "le délai qui commencera"
        assert "1110318016982G1104" in words(shown)
        confirmed = await bailleur.post(f"/bureau/recu/{ours}/confirmer")
        assert "J'ai bien reçu" not in words(confirmed)
        answered = await says(bailleur, ours, "candidature.inscrite.", commission_le="2026-12-10")
        assert "inscrite en commission" in words(answered)
        table, native = re.findall(r'href="(/bureau/recu/[^"]+/fichier/[^"]+)"', answered.text)
        assert f"personne 1;Camille {NOM}" in (await bailleur.get(table)).text, "pour son tableur"
        assert "<" in (await bailleur.get(native)).text, "pour son logiciel, ici en XML"
        assert "commission le 10/12/2026" in words(answered), "ce qui est dit se relit"
        listed = (await bailleur.get("/bureau/recu?csv=true")).text
        assert f";Camille {NOM};" in listed, "la liste aussi se télécharge"
    await until(lambda: console.siao.of_type("candidature.inscrite"), "le SIAO apprend l'inscription")


async def the_one_received(visiting: Visitor) -> str:
    """The only thing that somebody's partner has received."""
    found = re.findall(r'href="/bureau/recu/([0-9a-f-]{36})"', (await visiting.get("/bureau/recu")).text)
    (ours,) = dict.fromkeys(found)
    return str(ours)


SHEET = """\
N° de demande;Objet;N° du ménage;Composition;Adultes;Enfants;Dispositif;Commune;Remarques
D-201;Nouvelle;M-1;Homme seul;1;;Urgence;01053;à revoir
D-202;Nouvelle;M-2;Couple sans enfant;1;;Urgence;01053;
D-203;Nouvele;M-3;Femme seule;1;;Urgence;01053;
"""


async def test_a_ccas_tries_a_sheet_sends_it_mends_its_two_wrong_rows_and_sees_them_counted(
    console: World,
) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    async with visitor(console.settings.console, sub) as ccas:
        tried = await ccas.post("/bureau/deposer", fichier=named_file("demandes.csv", SHEET))
        said = words(tried)
        assert "1 ligne à envoyer" in said
        assert "Nouvelle" in said, "le remède de la ligne 4"
        assert "Remarques" in said, "la colonne que le hub ne lit pas"
        assert "Demande : adressée au SIAO" in said, "l'événement lu, en français"
        assert await console.events("ccas") == []
        sent = await ccas.post("/bureau/deposer/envoyer", **kept(tried))
        assert "1 ligne acceptée, 2 refusées" in words(sent)
        assert "demandes.csv envoyé" in words(sent), "le nom de son fichier, non celui du fichier à corriger"
        assert "D-202, D-203 · Envoi refusé pour 2 lignes" in words(await ccas.get("/bureau")), (
            "pour le téléphone"
        )
        assert "D-203 Objet « Nouvele »" in words(await ccas.get(sent.path)), (
            "son numéro, et ce qu'elle avait écrit"
        )
        assert "« Remarques » Colonne 9 (I) non lue" in words(sent), "son titre, tel qu'elle l'a écrit"
        rows = load_workbook(BytesIO(await read_at(ccas, f"{sent.path}/a-corriger")))
        assert rows.active is not None
        cells = {str(cell.value): cell for row in rows.active.iter_rows() for cell in row}
        assert cells["01053"].row in (2, 3), "en classeur, où un tableur garde le zéro de tête"
        rows.active.cell(cells["D-202"].row, 5).value = "2"
        cells["Nouvele"].value = "Nouvelle"
        rows.save(corrected := BytesIO())
        tried = await ccas.post(
            "/bureau/deposer", fichier=named_file("demandes.a-corriger.xlsx", corrected.getvalue())
        )
        assert "2 lignes à envoyer" in words(tried)
        assert "2 lignes à envoyer" in words(tried)
        form = kept(tried)
        for _ in range(2):  # a second click sends nothing more
            said = words(await ccas.post("/bureau/deposer/envoyer", **form))
            assert "2 lignes acceptées" in said
            assert (
                "Les 2 lignes à corriger de « demandes.csv » sont corrigées : ses 3 lignes sont reçues."
                in said
            )
        await console.settled()
        listed = words(await ccas.get("/bureau/demandes"))
        assert all(number in listed for number in ("D-201", "D-202", "D-203"))
        mine = await ccas.get("/bureau/envois")
        assert f'<a href="{sent.path}">demandes.csv</a>' in mine.text, "le fichier s'ouvre par son nom"
        found = await ccas.post("/recherche", q="d-203")
        assert "Demande reçue" in words(found), "les mots du bureau, quelles que soient les majuscules"
        assert 'aria-label="Bureau"' in found.text, "et ses onglets"
        one = words(await ccas.post("/bureau/demandes", numero="D-203"))
        assert "D-203" in one
        assert "D-201" not in one
        assert "reçue" in one
        assert "Rien à faire pour l'instant." in words(await ccas.get("/bureau")), "l'envoi refusé est réglé"
        settled = words(await ccas.get(sent.path))
        assert "corrigé depuis" in settled
        assert "Télécharger les lignes" not in settled, "il n'y a plus rien à faire"
        assert "corrigé depuis" in words(await ccas.get("/bureau/envois"))
    assert len(await console.events("ccas", "demande.recue")) == 3


async def test_a_column_that_all_rows_lack_is_one_line_of_the_trial_with_its_words(console: World) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    sheet = "N° de demande;Composition;Adultes\nD-1;Homme seul;1\nD-2;Homme seul;1\n"
    async with visitor(console.settings.console, sub) as ccas:
        said = words(await ccas.post("/bureau/deposer", fichier=named_file("d.csv", sheet)))
        assert "Dispositif des lignes 2 et 3 D-1, D-2 — Urgence Stabilisation " in said
        assert "absent" not in said
        own = "Nom;Composition;Adultes;Situation\nExemple;Homme seul;un;À la rue\nExemple;Homme seul;1;À la rue\n"
        said = words(await ccas.post("/bureau/deposer", fichier=named_file("e.csv", own)))
        assert (
            "Il manque la colonne « N° de demande » (un numéro de votre choix, jamais deux fois le même)"
            in said
        )
        assert "Dispositif des lignes 2 et 3" in said
        assert "Adultes « un »" in said, "et la case fausse, du même coup"
        assert "Télécharger les lignes à corriger" in said
        assert re.search(r"e\.csv : [^.]*Colonne que le hub ne lit pas : Situation\. Elle n'est", said), (
            "à côté du compte des lignes"
        )
        assert "La situation et le motif d'une demande se disent ensuite sur sa page" in said
        sheet = sheet.replace("D-2;Homme seul;1", "D-2;Homme seul;un")
        first = await ccas.post("/bureau/deposer", fichier=named_file("d.csv", sheet))
        again = {name: value for name, value in hidden(first).items() if name.startswith("garde")}
        tried = await ccas.post("/bureau/deposer", **again, mots="Dispositif\t2\tInsertion")
        assert "Ajouté à cet envoi, sur 2 lignes : Dispositif « Insertion »" in words(tried)
        assert "d.csv : 1 ligne à envoyer, 1 refusée" in words(tried)
        await ccas.post("/bureau/deposer/envoyer", **kept(tried))
        await console.settled()
        assert "insertion" in words(await ccas.get("/bureau/demandes")).lower()


async def test_a_table_without_a_composition_is_sent_with_one_that_follows_or_that_is_chosen_for_several_rows(
    console: World,
) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    rows = (f"D-1;{NOM};1;0;Mme", "D-2;Exemple;2;0;M.", "D-3;Exemple;2;0;Mme")
    sheet = "\n".join(f"{row};Urgence;à revoir" for row in rows)
    async with visitor(console.settings.console, sub) as ccas:
        own = f"N° de dossier;Nom;Nb adultes;Nb enfants;Civilité;Dispositif;Suivie par\n{sheet}\n"
        first = await ccas.post("/bureau/deposer", fichier=named_file("d.csv", own))
        assert "d.csv : 1 ligne à envoyer, 2 à compléter" in words(first)
        assert "Composition des lignes 3 et 4 D-2 Exemple, D-3 Exemple — Couple sans enfant " in words(first)
        assert "composition : Femme seule (déduite)" in words(first)
        assert "déduite des nombres d'adultes et d'enfants" in words(first).lower()
        again = {name: value for name, value in hidden(first).items() if name.startswith("garde")}
        tried = await ccas.post("/bureau/deposer", **again, mots="Composition\t3\tCouple sans enfant")
        assert "d.csv : 3 lignes à envoyer" in words(tried)
        sent = await ccas.post("/bureau/deposer/envoyer", **kept(tried))
        await console.settled()
        assert "« Suivie par » Colonne 7 (G) non lue" in words(sent), "son titre, bien que tout soit accepté"
        assert "2 Composition Déduite des nombres" in words(sent)
        said = words(await ccas.get("/bureau/demandes")).lower()
        assert (said.count("couple sans enfant"), said.count("femme seule")) == (2, 1)


async def test_a_demand_keeps_its_household_whatever_another_message_says_under_its_number_without_effect(
    console: World,
) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    other = demand(idEvenement="ccas-2", dispositif="INSERTION")
    other["menage"] |= {"id": "M-2", "personnes": [{"nom": "Autre", "prenom": "Sacha"}]}
    for each in (demand(), other):
        await console.accepted("ccas", each)
        await console.settled()
    for who, page in ((sub, "/bureau/demandes"), ("referente", "/bureau"), ("referente", "/bureau/recu")):
        async with visitor(console.settings.console, who) as visiting:
            said = words(await visiting.get(page))
        assert "homme seul" in said, page
        assert f"Camille {NOM}" in said, page
        assert "Sacha" not in said, page
        assert "insertion" not in said.lower(), (page, "ni ses besoins")


async def test_a_demand_sent_again_as_new_is_found_by_the_trial_which_says_the_cell(console: World) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    header = "N° de demande;Objet;Composition;Adultes;Dispositif;Téléphone;Commune;Nom"
    row = f"D-1;Nouvelle;Homme seul;1;Urgence;0612345678;02408;{NOM}"
    async with visitor(console.settings.console, sub) as ccas:
        tried = await ccas.post("/bureau/deposer", fichier=named_file("d.csv", f"{header}\n{row}\n"))
        assert "02408 est lu comme code INSEE : Laon" in words(tried)
        assert f"personne 1 : {NOM} · téléphone : 0612345678" in words(tried), "qui, pour qu'elle vérifie"
        lost = await ccas.post(
            "/bureau/deposer", fichier=named_file("d.csv", f"{header}\n{row.replace('02408', '2408')}\n")
        )
        assert "2408 est lu comme 02408, code INSEE : Laon" in words(lost)
        assert "zéro de tête" not in words(lost), "une fois suffit"
        assert "Tout est bon" not in words(tried), "il y a de quoi vérifier"
        await ccas.post("/bureau/deposer/envoyer", **kept(tried))
        again = await ccas.post("/bureau/deposer", fichier=named_file("e.csv", f"{header}\n{row}\n"))
        assert "0 ligne à envoyer, 1 déjà envoyée" in words(again), "la même ligne n'est qu'une répétition"
        changed = f"{header}\n{row.replace('5678', '0000')}\n"
        said = words(await ccas.post("/bureau/deposer", fichier=named_file("f.csv", changed)))
        assert "0 ligne à envoyer, 1 refusée" in said
        assert "telles que le hub les comprend" not in said, "une ligne refusée n'y est pas"
        assert f"« D-1 » est déjà la demande de {NOM}." in said, "un autre ménage ne remplace pas celui-là"
        assert "un autre ménage prend un autre numéro" in said
        assert "mettez « Mise à jour » dans « Objet »" in said
        own = changed.replace("Objet;", "").replace("Nouvelle;", "")  # her own table has no such column
        own += own.splitlines()[1].replace("D-1", "D-9").replace(NOM, "Autre")
        tried = await ccas.post("/bureau/deposer", fichier=named_file("h.csv", own))
        sent = await ccas.post("/bureau/deposer/envoyer", **kept(tried))
        refused = words(await ccas.get(sent.path))
        assert f"D-1 {NOM}" in refused
        assert f"« D-1 » est déjà la demande de {NOM}." in refused, "comme l'essai l'a dit"
        assert "D-1 · Envoi refusé pour 1 ligne" in words(await ccas.get("/bureau"))
        two = f"{row}\n{row.replace(NOM, 'Autre')}".replace("D-1", "D-2", 1).replace("D-1", "D-3")
        tried = await ccas.post("/bureau/deposer", fichier=named_file("g.csv", f"{header}\n{two}\n"))
        sent = await ccas.post("/bureau/deposer/envoyer", **kept(tried))
        await console.settled()
        rows = words(await ccas.get(sent.path))
        assert f"D-2 {NOM}" in rows, "chaque ligne d'un envoi dit son ménage"
        assert "D-3 Autre" in rows
    assert len(await console.events("ccas")) == 4


async def test_a_row_under_the_number_of_a_demand_from_a_form_waits_for_its_correction_and_is_never_called_received(
    console: World,
) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub, form = await works_at(console.settings.console.issuer, "ccas"), "/bureau/demandes/nouvelle"
    rows = ("D-3;Nouvelle;Homme seul;1;Urgence;Autre", "D-4;Nouvelle;Homme seul;1;Urgence;Exemple")
    async with visitor(console.settings.console, sub) as ccas:

        async def tries(*lines: str) -> Shown:
            sheet = "\n".join(("N° de demande;Objet;Composition;Adultes;Dispositif;Nom", *lines))
            return await ccas.post("/bureau/deposer", fichier=named_file("d.csv", sheet))

        (menage,) = re.findall(r'name="menage" value="([^"]+)"', (await ccas.get(form)).text)
        await ccas.post(form, **MOTHER, numero="D-3", menage=menage, cle=str(uuid4()))
        await console.settled()
        tried = await tries(*rows)
        assert "d.csv : 1 ligne à envoyer, 1 refusée" in words(tried)
        assert "2 D-3 Autre Objet « Nouvelle » « D-3 » est déjà la demande de Ana" in words(tried)
        assert "un autre ménage prend un autre numéro" in words(tried)
        assert "Tout est bon" not in words(tried)
        assert "personne 1 : Autre" not in words(tried), "ne se relit pas parmi ce qui aura un effet"
        assert "Envoyer 1 ligne" in words(tried)
        sent = await ccas.post("/bureau/deposer/envoyer", **kept(tried))
        await console.settled()
        assert "1 ligne acceptée, 1 refusée" in words(await ccas.get(sent.path))
        assert "D-3 · Envoi refusé pour 1 ligne" in words(await ccas.get("/bureau"))
        again = await tries(*rows)
        assert "d.csv : 0 ligne à envoyer, 1 déjà envoyée, 1 refusée" in words(again)
        assert "reçue : D-4" in words(again), "D-3 n'est pas la demande de cette ligne"
        assert 'action="/bureau/deposer/envoyer"' not in again.text
        mended = await tries(rows[0].replace("D-3", "D-5"))
        await ccas.post("/bureau/deposer/envoyer", **kept(mended))
        await console.settled()
        assert "Envoi refusé" not in words(await ccas.get("/bureau")), "le même ménage, sous un autre numéro"


async def test_a_sheet_dropped_again_with_a_new_row_says_what_the_hub_already_has(console: World) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    rows = [f"D-{number};Nouvelle;Homme seul;1;Urgence;" for number in (1, 2, 3)]
    async with visitor(console.settings.console, sub) as ccas:

        async def tries(*lines: str) -> Shown:
            sheet = "\n".join(
                ("N° de demande;Objet;Composition;Adultes;Dispositif;Motif d'annulation", *lines)
            )
            return await ccas.post("/bureau/deposer", fichier=named_file("suivi.csv", sheet))

        async def sends(*lines: str) -> None:
            await ccas.post("/bureau/deposer/envoyer", **kept(await tries(*lines)))
            await console.settled()

        await sends(*rows[:2])
        await sends("D-1;Annulée;;;;Sans nouvelles")
        again = await tries(*rows)
        said = words(again)
        assert "suivi.csv : 1 ligne à envoyer, 2 déjà envoyées" in said
        assert "annulée : D-1" in said
        assert "reçue : D-2" in said
        assert "Envoyer 1 ligne" in said
        await ccas.post("/bureau/deposer/envoyer", **kept(again))
        await console.settled()
        last = await tries(*rows)
        assert "0 ligne à envoyer, 3 déjà envoyées" in words(last)
        assert "Vous avez déjà envoyé toutes ces lignes : il n'y a rien de nouveau." in words(last)
        assert 'action="/bureau/deposer/envoyer"' not in last.text
    assert len(await console.events("ccas", "demande.recue")) == 3


async def test_a_refused_row_waits_until_its_own_correction_comes_and_no_other(console: World) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    described = "N° de demande;Objet;N° du ménage;Composition;Adultes;Dispositif"
    async with visitor(console.settings.console, sub) as ccas:

        async def still_waits(*lines: str) -> bool:
            """Whether the two refused rows are a task once a sheet of these lines is sent."""
            sheet = named_file("demandes.csv", "\n".join(lines))
            tried = await ccas.post("/bureau/deposer", fichier=sheet)
            assert (await ccas.post("/bureau/deposer/envoyer", **kept(tried))).status == 200
            await console.settled()
            return "Envoi refusé pour 2 lignes" in words(await ccas.get("/bureau"))

        first = (
            "D-1;Nouvelle;M-1;Homme seul;1;Urgence",
            "D-2;Nouvelle;M-2;Homme seul;un;Urgence",
            "D-1;Anulée;;;;",
        )
        assert await still_waits(described, *first)
        assert await still_waits(described, "D-2;Nouvelle;M-2;Homme seul;1;Urgence"), "reste l'annulation"
        assert await still_waits(described, "D-1;Mise à jour;M-1;Homme seul;1;Insertion"), "c'est autre chose"
        assert not await still_waits("N° de demande;Objet;Motif d'annulation", "D-1;Annulée;Sans nouvelles")
    assert len(await console.events("ccas")) == 4


async def test_a_row_refused_as_new_is_corrected_by_an_update_of_its_demand(console: World) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    header = "N° de demande;Objet;N° du ménage;Composition;Adultes;Dispositif"
    async with visitor(console.settings.console, sub) as ccas:
        for rows, waits in (
            ("D-1;Nouvelle;;Homme seul;1;Urgence", False),
            ("D-1;Nouvelle;;Homme seul;un;Insertion\nD-2;Nouvelle;;Homme seul;1;Urgence", True),
            ("D-1;Mise à jour;D-1;Homme seul;1;Insertion", False),
        ):
            sheet = named_file("demandes.csv", f"{header}\n{rows}")
            tried = await ccas.post("/bureau/deposer", fichier=sheet)
            await ccas.post("/bureau/deposer/envoyer", **kept(tried))
            await console.settled()
            assert ("Envoi refusé pour 1 ligne" in words(await ccas.get("/bureau"))) == waits, rows
        listed = words(await ccas.get("/bureau/envois"))
        assert "Corrections de demandes.csv" in listed, "le hub ne garde pas le nom d'un fichier tout accepté"


async def test_a_refused_row_is_not_corrected_by_a_row_of_another_household_under_its_number(
    console: World,
) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    async with visitor(console.settings.console, sub) as ccas:
        for rows, waiting in (
            ("D-1;1;Un;Léa\nD-2;un;Exemple;Paul\nD-3;un;Exemple;Marc", 1),
            ("D-2;1;Exemple;Jean\nD-3;1;EXEMPLE;Marc", 1),
            ("D-4;1;Deux;Zoé\nD-5;un;Exemple;Marc", 2),
            ("D-5;1;EXEMPLE;Marc", 1),
        ):
            sheet = "N° de demande;Adultes;Nom;Prénom;Composition;Dispositif\n" + "".join(
                f"{row};Homme seul;Urgence\n" for row in rows.splitlines()
            )
            tried = await ccas.post("/bureau/deposer", fichier=named_file("demandes.csv", sheet))
            await ccas.post("/bureau/deposer/envoyer", **kept(tried))
            await console.settled()
            assert words(await ccas.get("/bureau")).count("Envoi refusé") == waiting, rows
        listed = words(await ccas.get("/bureau/envois"))
        assert listed.count("Corrections de demandes.csv") == 1, "celle de la même personne"


DEAD_ENDS: dict[str, tuple[bytes, str]] = {
    "demandes.xls": (b"\xd0\xcf\x11\xe0", "Enregistrer sous"),
    "demandes.numbers": (b"PK", "Exporter vers"),
    "demandes.pdf": (b"%PDF", "remplissez le classeur vide"),
    "demandes.bin": (b"?", "ne prévoit pas ce format"),
    "vide.csv": (b"", "fichier est vide"),
    "ancien.xlsx": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "d'avant 2007"),
    "secret.xlsx": (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
    "places.csv": (b"reference_place;etat;structure\nCH-1;vacante;010000024\n", "le classeur vide"),
    "en-tete.csv": ("N° de demande;Objet\n".encode(), "ajoutez-en une au moins"),
}
"""Files that a person drops by mistake: what is in each, and words of what the page says to do."""


async def test_whoever_drops_a_wrong_file_reads_what_to_do_instead(console: World) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    async with visitor(console.settings.console, sub) as ccas:
        for name, (body, advice) in DEAD_ENDS.items():
            said = words(await ccas.post("/bureau/deposer", fichier=named_file(name, body)))
            assert advice in said, name
            assert "Rien n'a été envoyé" in said, name
            assert "curl" not in said, (name, "rien pour qui écrit un programme")
            assert "Envoyer 0" not in said, name
    assert await console.events("ccas") == []


async def read_at(visiting: Visitor, path: str) -> bytes:
    """The bytes of a file that a page offers."""
    async with visiting.http.get(visiting.url(path)) as response:
        assert response.status == 200
        return await response.read()


def named_file(name: str, content: str | bytes) -> BytesIO:
    """A file of this name, as a browser sends it."""
    file = BytesIO(content if isinstance(content, bytes) else content.encode())
    file.name = name
    return file


def kept(tried: Shown) -> dict[str, str]:
    """The fields of the form by which a tried file is sent."""
    return hidden(tried, "/envoyer")


def hidden(tried: Shown, action: str = "/a-corriger") -> dict[str, str]:
    """The hidden fields of a form of the trial."""
    (form,) = re.findall(rf'<form [^>]*action="/bureau/deposer{action}".*?</form>', tried.text, re.S)
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return {name: html.unescape(value) for name, value in found.items() if name != "jeton"}


async def test_a_manager_says_its_place_out_of_use_and_the_siao_learns_it(console: World) -> None:
    await console.accepted("centre", vacancy("A-7"))
    await console.settled()
    (place,) = await console.subjects("place")
    async with visitor(console.settings.console, "partenaire") as partenaire:
        assert "A-7" in words(await partenaire.get("/bureau/places"))
        free = words(await partenaire.get(f"/bureau/recu/{place.id}"))
        assert "Ce que vous pouvez dire" in free, "et non « pas à vous », au-dessus de boutons"
        assert "y orienter un ménage" not in free, "ce n'est pas à lui de le faire"
        works = {"acte": "place.indisponible.", "motif": "TRAVAUX", "jusqu_au": "2026-11-14"}
        past = await says(partenaire, str(place.id), **works)
        assert (past.status, "Ce jour est passé" in words(past)) == (422, True)
        assert '<details class="acte" open>' in past.text, "le formulaire se rouvre"
        assert 'value="2026-11-14"' in past.text, "avec ce qui y est écrit"
        said = await says(
            partenaire, str(place.id), "place.indisponible.", motif="TRAVAUX", jusqu_au=str(SOON)
        )
        assert said.path == "/bureau/places"
        assert "A-7 : dite indisponible" in words(said), "ce qui vient d'être dit"
        own = await partenaire.get("/bureau/envois")
        assert f"jusqu'au {SOON:%d/%m/%Y}, travaux" in words(own)
        newest = next(re.finditer(r'href="(/bureau/envois/[^"]+)"', own.text))[1]
        assert "Le SIAO peut la lire." in words(await partenaire.get(newest))
        shown = words(await partenaire.get(f"/bureau/recu/{place.id}"))
        assert "Ce qui s'est passé" in shown, "une place a son histoire"
        assert f"indisponible travaux · jusqu'au {SOON:%d/%m/%Y}" in words(said), "ce qui est dit se relit"
        other = TONIGHT | {"numero": str(uuid4())}
        declared = await partenaire.post("/bureau/places/declarer", cle=str(uuid4()), **other)
        assert declared.path == "/bureau/places", "ses propres numéros peuvent être des UUID"
    await until(lambda: console.siao.of_type("place.indisponible"), "le SIAO l'apprend")


async def test_a_row_that_is_not_listed_is_found_by_what_became_of_it(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "EVENTS", 1)
    _, answer = await console.send("centre", await read_and_left(console))
    await console.settled()
    async with visitor(console.settings.console, "partenaire") as partenaire:
        page = f"/bureau/envois/{answer['id']}"
        assert "1 sur 2 ; les autres ne sont pas sur cette page" in words(await partenaire.get(page))
        refused = words(await partenaire.get(f"{page}?effet=anomalie"))
        assert "on ne peut pas déclarer la sortie" in refused
        assert "ne sont pas sur cette page" not in refused


async def test_a_centre_says_which_household_lives_in_a_place_and_when_it_leaves(console: World) -> None:
    ours = await console.referred(code="A-101")
    await console.accepted("centre", vacancy("A-102"))
    await console.settled()
    (other,) = [each for each in await console.subjects("place") if each.etat == "DISPONIBLE"]
    async with visitor(console.settings.console, "partenaire") as partenaire:
        await says(partenaire, ours, "orientation.acceptee.", accueil_le=str(SOON))
        places = await partenaire.get("/bureau/places")
        assert f"{NOM}" in words(places), "qui est attendu dans la place réservée"
        assert words(places).index("A-101") < words(places).index("A-102"), "par numéro"
        occupied = await says(partenaire, str(other.id), "place.occupee.", raison=ours)
        assert "À expliquer" not in words(await partenaire.get("/bureau")), "l'orientation l'explique"
        assert "occupée" in words(occupied)
        assert NOM in words(await partenaire.get(f"/bureau/recu/{other.id}")), "qui y vit"
        arrived = await says(partenaire, ours, "entree.constatee.", entree_le=str(datetime.now(UTC).date()))
        assert "Vit dans : A-101 , A-102" in words(arrived), "et où"
        assert "Place A-101" not in words(arrived), "la place demandée est déjà en tête"
        leaves = await says(partenaire, str(other.id), "place.vacance-previsible.", libre_le=str(SOON))
        assert f"libre le {SOON:%d/%m/%Y}" in words(leaves)
    await until(lambda: console.siao.of_type("place.vacance-previsible"), "le SIAO sait quand elle se libère")


TONIGHT: dict[str, Any] = {
    "numero": "CH-9",
    "quand": "maintenant",
    "structure": FINESS,
    "commune": "bourg en bresse",
    "dispositif": "URGENCE",
    "capacite": "2",
    "compositions": ["20", "40"],
    "accessible": "oui",
}


async def test_a_centre_without_a_spreadsheet_declares_tonights_place_and_the_siao_has_it_whole(
    console: World,
) -> None:
    form = "/bureau/places/declarer"
    async with visitor(console.settings.console, "partenaire") as partenaire:
        assert f'value="{FINESS}" selected' in (await partenaire.get(form)).text, "sa seule structure"
        key = str(uuid4())
        wrong = await partenaire.post(
            form,
            cle=key,
            **TONIGHT | {"commune": "Nulleville", "quand": "bientot", "compositions": ["20", "999"]},
        )
        assert wrong.status == 422
        assert faults_of(wrong).keys() == {"commune", "libre_le", "compositions"}
        assert re.search(
            r'<fieldset class="plusieurs" [^>]*aria-describedby="p-compositions-faute"', wrong.text
        )
        assert "Nulleville" not in " ".join(faults_of(wrong).values())
        assert f'name="cle" value="{key}"' in wrong.text, "renvoyé, il ne compte qu'une fois"
        assert 'value="CH-9"' in wrong.text, "ce qui est écrit reste"
        said = await partenaire.post(form, cle=key, **TONIGHT)
        assert "pour 2 personnes" in words(said)
        assert (said.path, "CH-9" in words(said), "disponible" in words(said)) == (
            "/bureau/places",
            True,
            True,
        )
        assert 'value="CH-9"' not in said.text, "ce qui est écrit n'est pas dans l'adresse"
        assert (await partenaire.post(form, cle=key, **TONIGHT)).path == "/bureau/places", "un second clic"
        again = await partenaire.post(form, cle=str(uuid4()), **TONIGHT)
        assert "vous avez déjà donné ce numéro" in faults_of(again)["numero"].lower()
        (place,) = await console.subjects("place")
        assert f'href="/bureau/recu/{place.id}"' in again.text, "la place qui le porte s'ouvre d'ici"
    await until(lambda: console.siao.of_type("place.vacante"), "le SIAO l'apprend")
    (told,) = console.siao.of_type("place.vacante")
    assert told["place"]["commune"] == "01053"
    assert {each.actor for each in await console.audited("bureau.dire")} == {"console:partenaire"}
    assert len(await console.events("centre", "place.vacante")) == 1


def faults_of(shown: Shown) -> dict[str, str]:
    """What is said to be wrong at each field of a form."""
    found = re.findall(r'<p class="faute" id="[a-z]-([\w-]+)-faute">([^<]+)</p>', shown.text)
    return {name: html.unescape(said) for name, said in found}


MOTHER = {
    "lignes": "2",
    "prenom-1": "Ana",
    "nom-1": NOM,
    "age-1": "adulte",
    "prenom-2": "Léo",
    "age-2": "enfant",
    "dispositif": "URGENCE",
    "commune": "Bourg-en-Bresse",
    "composition": "40",
}


async def test_a_ccas_brings_a_household_in_a_form_and_what_is_wrong_is_said_at_its_field(
    console: World,
) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub = await works_at(console.settings.console.issuer, "ccas")
    form = "/bureau/demandes/nouvelle"
    async with visitor(console.settings.console, sub) as ccas:
        (menage,) = re.findall(r'name="menage" value="([^"]+)"', (await ccas.get(form)).text)
        asked = MOTHER | {"menage": menage, "cle": str(uuid4())}
        wrong = await ccas.post(
            form, **asked | {"composition": "20", "age-2": "", "telephone": "?", "sexe-1": "X"}
        )
        assert wrong.status == 422
        assert faults_of(wrong).keys() == {"age-2", "telephone", "sexe-1", "composition"}
        assert faults_of(await ccas.post(form, **asked | {"composition": "20"})).keys() == {"composition"}
        sent = await ccas.post(form, **asked)
        assert sent.path == "/bureau/demandes"
        assert f"Demande Ana {NOM}, Léo · femme seule avec enfant(s), 2 personnes dont 1 enfant" in words(
            sent
        )
        assert 'value="B-' not in sent.text, "ce qui est écrit n'est pas dans l'adresse"
        searched = await ccas.post("/recherche", q=NOM.lower())
        assert 'action="/bureau/demandes"' in searched.text, "la recherche d'en haut mène où le nom se trouve"
        assert f'name="numero" value="{NOM.lower()}"' in searched.text
        named = words(await ccas.post("/bureau/demandes", numero=NOM.lower()))
        assert f"Demande Ana {NOM}, Léo" in named
        assert "pas de date limite" in named, "les mots de Mes tâches, dans la liste"
        near = words(await ccas.post("/bureau/demandes", numero=f"Mme {NOM[:-2]}{NOM[-1]}{NOM[-2]}"))
        assert "Cette demande est à un nom proche : Demande Où en est-elle" in near
        reads = len(await console.audited("bureau.lire"))
        none = words(await ccas.post("/bureau/demandes", numero="Absente"))
        assert len(await console.audited("bureau.lire")) == reads, "ce qui n'est pas montré n'est pas lu"
        assert "Aucune demande sous ce numéro, ni sous ce nom parmi vos 200 dernières demandes." in none
        assert "Le nom des demandes closes est effacé : cherchez-les par votre numéro." in none
        assert "Faites-en une" not in none, "qui cherche sans trouver n'est pas invité à un doublon"
        (demande,) = re.findall(r'href="(/bureau/recu/[^"]+)"', sent.text)
        opened = words(await ccas.get(demande))
        assert "Corriger…" in opened
        assert "Demande reçue par le SIAO" in opened, "elle l'a envoyée : c'est lui qui l'a reçue"
        assert "Pas à vous pour l'instant pas de date limite" in opened, "et sur la page"
        goes = "Le nom et le téléphone du ménage s'effacent alors aussitôt de vos pages."
        whose = f"{goes} Ménage : Ana {NOM}, Léo. Annuler la demande définitivement"
        assert whose in opened, "de qui, et ce qui s'efface"
        correct = f"/bureau/demandes/{demande.rpartition('/')[2]}/corriger"
        reads = len(await console.audited("bureau.lire"))
        asked_again = await ccas.get(correct)
        assert len(await console.audited("bureau.lire")) == reads + 1
        assert re.search(r'name="commune"[^>]* value="Bourg-en-Bresse"', asked_again.text)
        assert re.search(rf'name="nom-1"[^>]* value="{NOM}"', asked_again.text), "comme la page de la demande"
        assert 'name="prenom-2" type="text" value="Léo"' in asked_again.text
        assert "<details><summary" in asked_again.text, "qui est déjà dit est replié"
        assert f"Qui : Ana {NOM}, Léo" in words(asked_again)
        (seen,) = re.findall(r'name="evenement" value="([^"]+)"', asked_again.text)
        more = {"telephone": "0612345678", "ressources_mensuelles_euros": "500"}
        mended = {**MOTHER, **more, "cle": str(uuid4()), "evenement": seen}
        lost = await ccas.post(correct, **mended | {"nom-1": ""})
        assert lost.status == 422
        assert "Cette correction efface : nom (personne 1)." in words(lost)
        assert 'name="efface" value="nom-1"' in lost.text
        assert "<details open><summary" in lost.text, "la faute se voit"
        assert (await ccas.post(correct, **mended)).path == demande
        await console.settled()
        step = r"Actualisée par vous, le [^:]+ : téléphone, ce qui ne se relit pas ici"
        assert re.search(step, words(await ccas.get(demande))), "sans nommer ce qu'elle ne peut relire"
        late = await ccas.post(correct, **mended | {"telephone": "", "cle": str(uuid4())})
        assert late.status == 422
        assert "Cette demande a changé depuis que vous avez ouvert le formulaire" in words(late)
        assert 'value="0612345678"' in late.text, "ce qu'un collègue a dit entre-temps"
        ((recue,), (actualisee,)) = [
            await console.events("ccas", f"demande.{n}") for n in ("recue", "actualisee")
        ]
        assert recue.subject == actualisee.subject
        again = await ccas.post(form, **asked)
        assert again.path == "/bureau/demandes", "un second clic"
        assert (await ccas.get("/bureau/places/declarer")).status == 404, "il n'a pas de place"
        for path in ("/bureau/deposer", "/bureau/demandes", "/bureau/aide"):
            shown = (await ccas.get(path)).text
            assert (f'href="{form}"' in shown, "/bureau/places/declarer" in shown) == (True, False), path
    await until(lambda: console.siao.of_type("demande.recue"), "le SIAO l'apprend")
    (told,) = console.siao.of_type("demande.recue")
    assert [p["prenom"] for p in told["ficheGroupe"]["personnes"]] == ["Ana", "Léo"]
    async with visitor(console.settings.console, sub) as ccas:
        closed = await says(ccas, demande.rpartition("/")[2], "demande.annulee.", motif="DOUBLON")
        assert "Annulée par vous" in words(closed)
        assert NOM not in closed.text, "comme le bouton l'avait dit"
        assert "0612345678" not in closed.text
        for page in (closed, await ccas.get("/bureau/aide")):
            assert re.search(r"Appelez siao-01 \W{1,3}téléphone à demander", words(page)), "qui appeler"
    async with visitor(console.settings.console, "partenaire") as centre:
        assert (await centre.get(form)).status == 404, "il n'apporte personne"
        assert form not in (await centre.get("/bureau/aide")).text
        assert "/bureau/places/declarer" in (await centre.get("/bureau/deposer")).text
        assert (await centre.post(form, **asked)).status == 404
    assert len(await console.events("ccas", "demande.recue")) == 1


OF_A_FAMILY: dict[str, set[str]] = {
    "/bureau/places-libres": {"siao-01", "le-115"},
    "/bureau/places/declarer": {"centre"},
    "/bureau/demandes/nouvelle": {"ccas", "le-115"},
    "/bureau/menages": {"siao-01"},
    "/bureau/menages/entrer": {"siao-01"},
    "/bureau/sans-reponse": {"siao-01"},
    "/bureau/doublons": {"siao-01"},
    "/bureau/orienter": {"siao-01"},
    "/bureau/presenter": {"siao-01"},
    "/bureau/bac-a-sable": set(),
    "/bureau/aide/contribuer.md": set(),
    "/bureau/aide/exemple/..%2F..%2Fpyproject.toml": set(),
}
"""Pages of the desk that only some families have, each with the partners of this test that have it; those that no
partner outside a sandbox has."""


async def test_a_page_of_the_desk_that_a_family_does_not_have_is_none_for_its_people_and_who_has_no_partner_has_no_desk(
    console: World,
) -> None:
    await joined(
        console,
        mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"),
        mailbox("le-115", Famille.VEILLE_SOCIALE, "veille_sociale_json"),
        mailbox("etat", Famille.ETAT, "etat_json"),
    )
    for partner in ("centre", "bailleur", "siao-01", "ccas", "le-115", "etat"):
        sub = (
            "referente" if partner == "siao-01" else await works_at(console.settings.console.issuer, partner)
        )
        async with visitor(console.settings.console, sub) as somebody:
            for path, theirs in OF_A_FAMILY.items():
                only_posted = path in ("/bureau/orienter", "/bureau/presenter")
                shown = (
                    await somebody.post(path, saisi="{}", cle=str(uuid4()))
                    if only_posted
                    else await somebody.get(path)
                )
                assert (shown.status == 404) is (partner not in theirs), (partner, path)
            assert "Bac à sable" not in words(await somebody.get("/bureau")), partner
    for sub in ("supervision", "astreinte", "dpo"):
        async with visitor(console.settings.console, sub) as somebody:
            for path in ("/bureau", "/bureau/deposer", "/bureau/recu", "/bureau/places"):
                assert (await somebody.get(path)).status == 403, (sub, path)


async def test_a_ccas_learns_in_the_sandbox_with_the_spreadsheet_of_the_help(console: World) -> None:
    ident = "bac-a-sable-ccas"
    await with_sandboxes(
        console, sandboxed(ident, Famille.PRESCRIPTEUR, "prescripteur_tableau", SIRET_BAILLEUR)
    )
    sub = await works_at(console.settings.console.issuer, ident)
    async with visitor(console.settings.console, sub) as ccas:
        nothing = await ccas.post("/bureau/bac-a-sable", coup="suivre")
        assert "déposez-en d'abord une" in words(nothing)
        helped = await ccas.get("/bureau/aide")
        assert "/bureau/aide/exemple/demandes.csv" in helped.text
        example = await ccas.get("/bureau/aide/exemple/demandes.csv")
        tried = await ccas.post("/bureau/deposer", fichier=named_file("demandes.csv", example.text))
        assert "5 lignes à envoyer" in words(tried), "l'exemple passe tel quel, en entier"
        await ccas.post("/bureau/deposer/envoyer", **kept(tried))
        await console.settled()
        moved = await ccas.post("/bureau/bac-a-sable", coup="suivre")
        assert moved.path == "/bureau/demandes"
        await console.settled()
        await until(lambda: has_received(ccas), "la suite arrive à son bureau")
        guide = await ccas.get("/bureau/aide/guide-partenaire/prescripteur.md")
        assert "demande.recue" in words(guide)
    assert console.siao.messages == [], "le vrai SIAO n'en apprend rien"


async def test_a_siao_in_the_sandbox_is_proposed_a_demand_and_finds_it_among_its_tasks(
    console: World,
) -> None:
    ident = "bac-a-sable-siao-01"
    await with_sandboxes(console, sandboxed(ident, Famille.SIAO, "si_siao_json", SIRET_BAILLEUR))
    sub = await works_at(console.settings.console.issuer, ident)
    async with visitor(console.settings.console, sub) as siao:
        nothing = await siao.post("/bureau/bac-a-sable", coup="ACCEPTE")
        assert "proposez-en d'abord une au territoire 99" in words(nothing)
        assert (await siao.post("/bureau/bac-a-sable", coup="TRANSFEREE")).path == "/bureau/recu"
        await console.settled()
        assert "SIAO voisin simulé" in words(await siao.get("/bureau"))


async def has_received(visiting: Visitor) -> bool:
    return 'href="/bureau/recu/' in (await visiting.get("/bureau/recu")).text.partition("<tbody>")[2]


async def test_of_a_household_that_limits_its_data_no_form_corrects_the_demand(console: World) -> None:
    # The last test here: a hub that knows of a limitation is not passed on to another.
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    sub, form = await works_at(console.settings.console.issuer, "ccas"), "/bureau/demandes/nouvelle"
    async with visitor(console.settings.console, sub) as ccas:
        (menage,) = re.findall(r'name="menage" value="([^"]+)"', (await ccas.get(form)).text)
        said = MOTHER | {"dispositif": "INSERTION", "telephone": "0612345678"}
        sent = await ccas.post(form, **said, menage=menage, cle=str(uuid4()))
        (demande,) = re.findall(r'href="(/bureau/recu/[^"]+)"', sent.text)
        await console.settled()
        correct = f"/bureau/demandes/{demande.rpartition('/')[2]}/corriger"
        (seen,) = re.findall(r'name="evenement" value="([^"]+)"', (await ccas.get(correct)).text)
        (held,) = await console.subjects("demande")
        noted = ("noter", str(held.menage), "--droit", "limitation", "--motif", "sa demande")
        await siao_hub(console.settings, "personne", *noted, "--recue-le", "2026-01-31")
        await until(lambda: console.hub is not None and held.menage in console.hub.limited, "le hub le sait")
        sends = {**said, "evenement": seen, "cle": str(uuid4())}
        for refused in (await ccas.get(correct), await ccas.post(correct, **sends)):
            assert (refused.status, "ne se corrige pas ici" in words(refused)) == (409, True)
    assert await console.events("ccas", "demande.actualisee") == []
