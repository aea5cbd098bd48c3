"""The desk in a browser: by keyboard alone, at a desk and on a phone, in light and dark."""

import re
from pathlib import Path

from openpyxl import load_workbook
from playwright.async_api import Browser, Dialog, Page, expect

from contracts.partner import Famille
from tests.integration import lasting
from tests.integration.browser import PHONE, one_browser, person, picture, wrong_on_screens
from tests.integration.messages import NOM, to_structure, vacancy
from tests.integration.registry import SIRET_BAILLEUR
from tests.integration.test_acts import granted
from tests.integration.test_console_in_a_browser import by_keyboard, enter
from tests.integration.test_desk import SOON
from tests.integration.test_desk_of_a_siao import a_family_and_three_places, refusal
from tests.integration.test_families import REFUGE, joined, mailbox, with_names
from tests.integration.test_sandbox import sandboxed, with_sandboxes
from tests.integration.visitors import works_at
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
console = lasting.console
browser = one_browser


async def wrong_on(page: Page, name: str) -> list[str]:
    """What is wrong with a page of the desk on any screen."""
    return await wrong_on_screens(page, f"bureau-{name}")


async def printed(page: Page, name: str) -> str:
    """What a page says on paper, where nothing is to click on, moments are days, and the ink is black on any screen."""
    await page.emulate_media(media="print", color_scheme="dark")
    await picture(page, f"bureau-{name}-imprime")
    assert (
        await page.locator("button:visible, input:visible, nav:visible, header:visible, .btn:visible").count()
        == 0
    )
    ink = "[...document.querySelectorAll('main h1, main td, main th')].map(e => getComputedStyle(e).color)"
    await page.wait_for_function(f"() => {ink}.every(each => each === 'rgb(0, 0, 0)')")  # colours fade in
    assert set(await page.evaluate(ink)) == {"rgb(0, 0, 0)"}
    said = await page.inner_text("body")
    assert re.search(r"imprimé par .*, le \d\d/\d\d/\d{4} à", said)
    await page.emulate_media(media="screen", color_scheme="light")
    return said


async def test_a_residence_accepts_a_referral_by_keyboard_and_every_page_can_be_read(
    console: World, browser: Browser
) -> None:
    residence = mailbox("residence", Famille.LOGEMENT_ACCOMPAGNE, "hebergement_json", structures=(REFUGE,))
    await joined(console, residence)
    await with_names(console)
    await console.accepted("siao-01", to_structure(REFUGE, 4710))
    for code in ("R-101", "R-102"):
        await console.accepted("residence", vacancy(code, structure=REFUGE))
    await console.settled()
    sub = await works_at(console.settings.console.issuer, "residence")
    base = str(console.settings.console.url)
    async with person(browser, base, sub) as page:
        wrong = await wrong_on(page, "a-faire")
        await by_keyboard(page, "Orientation proposée")
        await page.wait_for_selector("h2:has-text('À vous')")
        wrong += await wrong_on(page, "orientation")
        paper = await printed(page, "orientation")
        assert "Camille Fictif" in paper, "de qui il s'agit"
        assert re.search(r"avant le \d\d/\d\d/\d{4} à", paper), (
            "jusqu'à quand, non « dans six jours » seulement"
        )
        await page.focus("summary:has-text('Accepter')")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.fill("details[open] input[type=date]", str(SOON))
        await page.focus("details[open] button")
        await enter(page)
        await page.wait_for_selector("h1:has-text('acceptée')")
        for path, name in (
            ("recu", "recu"),
            ("envois", "envois"),
            ("places", "places"),
            ("demandes", "demandes"),
        ):
            await page.goto(f"{base}/bureau/{path}")
            wrong += await wrong_on(page, name)
            if name == "recu":
                assert "Orientation\xa0: proposée" in await printed(page, name)
        await page.goto(f"{base}/bureau/places")
        asked = page.locator("details.acte:has(> form select[name=raison])").first
        await asked.evaluate("each => each.open = true")
        await asked.locator("option:has-text('Camille Fictif')").wait_for(state="attached")
        arrivals = page.locator("main select option:has-text('Camille Fictif')")
        assert await arrivals.count() == 1, "un formulaire ouvert reçoit la liste, les autres l'attendent"
        await page.fill("#numero", "R-102")
        await page.select_option("#etat", "DISPONIBLE")
        await page.click("text=Montrer")
        await page.wait_for_function("() => document.querySelectorAll('main tbody tr').length === 1")
        assert page.url == f"{base}/bureau/places", "le numéro n'est pas dans l'adresse"
        assert await page.locator("main tbody tr").count() == 1
        assert "R-102" in await page.inner_text("main tbody")
        await page.click("main tbody a")
        await page.wait_for_selector("h1:has-text('Place')")
        await page.go_back()
        await page.wait_for_selector(
            "h1:has-text('Mes places')"
        )  # a form that was sent would be asked for again
    await until(lambda: console.siao.of_type("orientation.acceptee"), "le SIAO l'apprend")
    assert wrong == []


async def test_a_centre_declares_tonights_place_by_keyboard(console: World, browser: Browser) -> None:
    await with_names(console)
    sub = await works_at(console.settings.console.issuer, "centre")
    base = str(console.settings.console.url)
    async with person(browser, base, sub, forgiving=True) as page:
        await page.goto(f"{base}/bureau/places")
        await by_keyboard(page, "Déclarer une place")
        await page.wait_for_selector("h1:has-text('Déclarer une place')")
        told = {
            "numero": "CH-9",
            "commune": "Nulleville",
            "capacite": "2",
            "dispositif": "urgence",
            "quand": "libre",
        }
        for field, text in told.items():
            await page.focus(f"[name={field}]")
            await page.keyboard.type(text)
        wrong = await wrong_on(page, "declarer-place")
        await page.focus("[name=commune]")
        await enter(page)
        await page.wait_for_selector("p.faute")
        assert await page.evaluate("document.activeElement.name") == "commune", (
            "le champ à corriger a le curseur"
        )
        wrong += await wrong_on(page, "declarer-place-faute")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("Bourg-en-Bresse")
        await enter(page)
        await page.wait_for_selector("main tbody >> text=CH-9")
        await expect(page.locator(".envoye:focus")).to_contain_text("Envoyé au SIAO à")
        await page.fill("#numero", "CH-10")
        await page.context.set_offline(True)
        async with page.expect_event("requestfailed", lambda each: each.is_navigation_request()):
            await page.click("text=Montrer")  # the browser itself says that it has no network
        await page.context.set_offline(False)
        await page.goto(f"{base}/bureau/places")
        await page.context.clear_cookies()
        await page.fill("#numero", "CH-10")
        await page.click("text=Montrer")
        await page.wait_for_selector("h1:has-text('Session terminée')")
        assert "CH-9" not in await page.inner_text("main"), "l'ancienne liste ne reste pas sous d'autres mots"
    assert wrong == []


async def test_a_ccas_brings_a_mother_and_her_child_on_a_phone(console: World, browser: Browser) -> None:
    await joined(console, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_tableau"))
    await with_names(console)
    sub = await works_at(console.settings.console.issuer, "ccas")
    base = str(console.settings.console.url)
    async with person(browser, base, sub, forgiving=True) as page:
        await page.set_viewport_size(PHONE)
        await page.goto(f"{base}/bureau/demandes")
        await page.click("text=Nouvelle demande")
        await page.fill("[name=prenom-1]", "Ana")
        await page.select_option("[name=age-1]", "adulte")
        await page.click("text=Ajouter une personne")
        await page.fill("[name=prenom-2]", "Léo")
        wrong = await wrong_on(page, "nouvelle-demande")
        await page.select_option("[name=age-2]", "enfant")
        await page.select_option("[name=dispositif]", "URGENCE")
        await page.select_option("[name=composition]", "20")
        await page.click("text=Envoyer la demande")
        await page.wait_for_selector("p.faute")
        wrong += await wrong_on(page, "nouvelle-demande-faute")
        await page.select_option("[name=composition]", "40")
        await page.click("text=Envoyer la demande")
        await page.wait_for_selector("main tbody >> text=reçue")
        wrong += await wrong_on(page, "demandes-une")
    assert wrong == []


ROWS: list[dict[str, str | int]] = [
    {"N° de demande": "D-201", "N° du ménage": "M-1", "Composition": "Homme seul", "Adultes": 1},
    {"N° de demande": "D-202", "N° du ménage": "M-2", "Composition": "Couple sans enfant", "Adultes": 1},
    {"N° de demande": "D-203", "N° du ménage": "M-3", "Composition": "Femme seule"},
]
"""Three demands, of which the second counts one adult too few, and the third none."""


def filled_in(file: Path) -> None:
    """Write the three demands into an empty workbook, each cell under its column."""
    book = load_workbook(file)
    sheet = book["demandes"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(ROWS, 2):
        for name, value in {"Objet": "Nouvelle", "Dispositif": "Urgence", **row}.items():
            sheet.cell(number, columns[name], value)
    book.save(file)


async def test_a_ccas_goes_from_the_help_to_where_its_demands_stand_with_a_workbook(
    console: World, browser: Browser, tmp_path: Path
) -> None:
    ident = "bac-a-sable-ccas"
    await with_sandboxes(
        console, sandboxed(ident, Famille.PRESCRIPTEUR, "prescripteur_tableau", SIRET_BAILLEUR)
    )
    await with_names(console)
    sub = await works_at(console.settings.console.issuer, ident)
    base = str(console.settings.console.url)
    sheet, wrong_rows = tmp_path / "demandes.xlsx", tmp_path / "a-corriger.xlsx"
    async with person(browser, base, sub) as page:
        await page.set_viewport_size(PHONE)
        await page.click("nav.bureau >> text=Aide")
        wrong = await wrong_on(page, "aide-ccas")
        async with page.expect_download() as download:
            await page.click("text=classeur vide")
        await (await download.value).save_as(sheet)
        filled_in(sheet)
        await page.click("main >> text=Déposez")
        await page.set_input_files("#fichier", sheet)
        await page.click("text=Essayer")
        await page.wait_for_selector("text=1 ligne à envoyer, 2 refusées")
        wrong += await wrong_on(page, "essai")
        assert "D-201" in await page.inner_text("section[aria-labelledby=apercu]"), "sous son propre numéro"
        await page.click("text=Envoyer 1 ligne")
        await page.wait_for_selector("text=1 ligne acceptée, 2 refusées.")
        await console.settled()
        await page.reload()
        wrong += await wrong_on(page, "envoi")
        async with page.expect_download() as download:
            await page.click("text=Télécharger les lignes à corriger")
        assert (await download.value).suggested_filename == "demandes.a-corriger.xlsx"
        await (await download.value).save_as(wrong_rows)
        mend(wrong_rows)
        await page.click("text=déposez ce fichier-là")
        await page.set_input_files("#fichier", wrong_rows)
        await page.click("text=Essayer")
        await page.wait_for_selector("text=Tout est bon.")
        await page.click("text=Envoyer 2 lignes")
        await page.wait_for_selector("text=2 lignes acceptées")
        await console.settled()
        await page.click("nav.bureau >> text=Mes envois")
        wrong += await wrong_on(page, "envois-ccas")
        await page.click("nav.bureau >> text=Mes tâches")
        await page.wait_for_selector("text=Rien à faire pour l'instant.")
        await page.click("nav.bureau >> text=Bac à sable")
        wrong += await wrong_on(page, "bac-a-sable")
        await page.click("text=Faire avancer ma demande")
        await page.wait_for_selector("h1:has-text('Mes demandes')")
        await console.settled()
        await page.reload()
        wrong += await wrong_on(page, "demandes-ccas")
        listed = await page.inner_text("main tbody")
        assert [str(row["N° de demande"]) in listed for row in ROWS] == [True] * 3
    assert wrong == []


def mend(file: Path) -> None:
    """Correct the two wrong rows of the workbook that came back: the marked cells say what to do."""
    book = load_workbook(file)
    sheet = book.active
    assert sheet is not None
    columns = {cell.value: cell.column for cell in sheet[1]}
    rows = {row[columns["N° de demande"] - 1].value: row for row in sheet.iter_rows(min_row=2)}
    couple, alone = (rows[number][columns["Adultes"] - 1] for number in ("D-202", "D-203"))
    assert couple.value == 1, "un nombre reste un nombre"
    assert alone.fill.fill_type == "solid"
    assert alone.comment is not None, "la cause, sur la cellule"
    couple.value, alone.value = 2, 1
    book.save(file)


async def test_a_siao_refers_a_family_to_three_places_in_four_clicks(
    console: World, browser: Browser
) -> None:
    await a_family_and_three_places(console)
    await with_names(console)
    base = str(console.settings.console.url)
    async with person(browser, base, "referente") as page:
        await page.goto(f"{base}/bureau/places-libres")
        wrong = await wrong_on(page, "places-libres")
        await page.goto(f"{base}/bureau")
        wrong += await wrong_on(page, "a-faire-siao")
        for click in ("main table a", "text=Orienter ce ménage"):
            async with page.expect_navigation():
                await page.click(click)
        wrong += await wrong_on(page, "orienter")
        lits, last = page.locator("[data-lits-sur]").last, page.locator("[name=places]").last
        for change, counted in (
            (last.uncheck, "Coché : 2 lits sur 3, il en manque 1."),
            (last.check, "Coché : 3 lits sur 3."),
        ):
            await change()
            await expect(lits).to_have_text(counted)
        async with page.expect_navigation():
            await page.click("text=Orienter vers les places cochées")
        await page.wait_for_selector('h1:has-text("orientée")')
        await expect(page.locator(".envoye")).to_have_text("C'est envoyé.")
        sent = page.locator("[aria-labelledby=orientations]")
        await expect(sent).to_contain_text("Centre Les Glycines · places A-1, A-2 et A-3")
        wrong += await wrong_on(page, "orientee")
        await page.click("nav.bureau >> text=Sans réponse")
        await page.wait_for_selector("text=se présente le")
        wrong += await wrong_on(page, "sans-reponse")
        await until(lambda: console.shelter.messages, "l'orientation arrive au centre")
        await console.settled()
        wrong += await enters_a_household(page)
        await console.accepted("centre", granted())
        await console.settled()
        wrong += await signs_an_act(page)
        (told,) = console.shelter.of_type("orientation.proposee")
        assert len([told["place"], *told["autresPlaces"]]) == 3
        await console.accepted("centre", refusal(told["orientation"]))
        await console.settled()
        wrong += await refers_again(page)
    assert wrong == []


async def refers_again(page: Page) -> list[str]:
    """What is wrong with the pages of a household whose places were refused, which is then referred again."""
    await page.click("nav.bureau >> text=Mes tâches")
    task = page.locator("tr", has_text="orienter le ménage de nouveau")
    await expect(task).to_contain_text("refusée par la structure, Centre Les Glycines")
    wrong = await wrong_on(page, "a-faire-siao-refus")
    await task.locator("a").click()
    await page.wait_for_selector("h2:has-text('Ses orientations')")
    wrong += await wrong_on(page, "demande-refusee")
    await page.click("text=L'orienter de nouveau")
    await page.click("text=Orienter vers les places cochées")
    await page.wait_for_selector("text=C'est envoyé.")
    await page.click("nav.bureau >> text=Mes tâches")
    await expect(task).to_have_count(0)
    return wrong


async def signs_an_act(page: Page) -> list[str]:
    """What is wrong with the page of a derogation, which is then signed by keyboard."""
    await page.click("nav.bureau >> text=Mes tâches")
    wrong = await wrong_on(page, "a-faire-siao-acte")
    await by_keyboard(page, "Dérogation proposée")
    await page.focus("summary:has-text('Signer')")
    await page.keyboard.press("Enter")
    wrong += await wrong_on(page, "acte")
    await page.focus("details[open] button:has-text('Signer')")
    await enter(page)
    await page.wait_for_selector("text=reste à signer : services de l'État")
    return wrong


async def enters_a_household(page: Page) -> list[str]:
    """What is wrong with the pages by which a household is found, then entered by keyboard and presented."""
    await page.click("nav.bureau >> text=Ménages")
    await page.fill("#nom", "zoe")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("h2:has-text('1 ménage')")
    wrong = await wrong_on(page, "menages")
    await by_keyboard(page, "Nouveau ménage")
    await by_keyboard(page, "Ajouter une personne")
    for number, name in ((1, "Ana"), (2, "Léo")):
        await page.fill(f"[name=prenom-{number}]", name)
        await page.fill(f"[name=nom-{number}]", NOM)
    await page.select_option("[name=age-1]", "adulte")
    await page.select_option("[name=age-2]", "enfant")
    await page.select_option("[name=dispositif]", "INSERTION")
    await page.select_option("[name=composition]", "40")
    wrong += await wrong_on(page, "entrer-menage")
    asked: list[str] = []

    async def stays(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.once("dialog", stays)
    await page.click("nav.bureau >> text=Mes tâches", no_wait_after=True)
    await until(lambda: asked, "qui quitte un ménage saisi est averti")
    assert await page.input_value("[name=prenom-1]") == "Ana", "et rien n'est perdu s'il reste"
    await page.click("text=Le présenter à un bailleur")
    await page.select_option("#bailleur", SIRET_BAILLEUR)
    await page.select_option("#canal", "DIRECT")
    await page.fill("#numero_unique", "1110318016982G1104")
    wrong += await wrong_on(page, "presenter")
    await page.focus("text=Présenter ce ménage")
    await enter(page)
    await page.wait_for_selector("text=Candidature présentée")
    return wrong


async def test_the_115_looks_at_tonights_places_and_finds_its_help(console: World, browser: Browser) -> None:
    await joined(console, mailbox("le-115", Famille.VEILLE_SOCIALE, "veille_sociale_json"))
    await with_names(console)
    for code, commune in (("A-1", "01053"), ("A-2", "01053"), ("A-3", "01451")):
        await console.accepted("centre", vacancy(code, dispositif="URGENCE", commune=commune))
    await console.settled()
    sub = await works_at(console.settings.console.issuer, "le-115")
    base = str(console.settings.console.url)
    async with person(browser, base, sub) as page:
        await page.click("nav.bureau >> text=Places libres")
        await page.wait_for_selector("h1:has-text('Places de ce soir 3')")
        await page.fill("#commune", "Bourg-en-Bresse")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("h1:has-text('Places de ce soir 2')")
        wrong = await wrong_on(page, "ce-soir")
        await page.click("nav.bureau >> text=Aide")
        wrong += await wrong_on(page, "aide")
        async with page.expect_download() as download:
            await page.click("main a[download]")
        assert (await download.value).suggested_filename == "evenements.json"
        await page.click("text=Le guide :")
        wrong += await wrong_on(page, "guide")
    assert wrong == []
