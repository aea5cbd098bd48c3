"""Serve the page «Aide»: what each page of the desk is for, example files, and the guide for partners."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import cycle
from typing import NamedTuple

from fastapi import Request, Response

from adapters.registry import ADAPTERS, TABULAIRES
from connectors.mailbox_http import content_of
from connectors.media import media_type_of
from console.bureau.dropping import workbooks
from console.bureau.here import desk_page, partner_of
from console.visit import Parleur, closed, not_found
from contracts.errors import HubError
from contracts.partner import Famille, Partner
from contracts.ports import Native
from router.intake.guide import examples, served
from router.intake.markdown import html_of, title_of

router = closed()
PURPOSES: Mapping[str, str] = {
    "/bureau": "tout ce qui attend un geste de vous, le plus urgent d'abord",
    "/bureau/places-libres": "où il reste de la place",
    "/bureau/menages": "retrouver un ménage par son nom, son besoin, sa commune ; ou en ajouter un",
    "/bureau/sans-reponse": "ce que vous avez envoyé et qui n'a pas de réponse, avec qui appeler",
    "/bureau/doublons": "les ménages qui n'en font peut-être qu'un : à vous de le dire",
    "/bureau/deposer": "envoyer votre tableau : il est essayé d'abord, et rien ne part sans vous",
    "/bureau/recu": "ce qu'on vous a adressé ; ouvrez-le pour le lire et y répondre",
    "/bureau/envois": "ce que sont devenus vos envois et vos fichiers, et les lignes à corriger",
    "/bureau/places": "l'état de vos places, et ce que vous pouvez en dire",
    "/bureau/demandes": "où en est chacune de vos demandes",
    "/bureau/bac-a-sable": "apprendre avec un SIAO simulé, sans que personne d'autre n'en voie rien",
}
"""What each page of the desk is for, in French."""
STRUCTURE = re.compile(r"\b(?:010000024|26010004500012|00705004000018|2A0000022|750000184)\b")
"""Pattern of the numbers of the invented structures in example files."""
BYTE_ORDER_MARK = "\ufeff"
"""Mark by which spreadsheets recognise UTF-8 in a CSV file."""


class Exemple(NamedTuple):
    """Example file that the hub accepts from the partner."""

    dialecte: str
    nom: str
    fichier: Native

    @property
    def tableau(self) -> bool:
        """Return whether the example file is a table, to be opened in a spreadsheet."""
        return self.dialecte in TABULAIRES


@router.get("/bureau/aide")
async def helped(request: Request, visite: Parleur) -> Response:
    """Show what each page of the desk is for, example files, a link to the guide for partners, and the SIAO to
    telephone."""
    partner = partner_of(visite)
    return desk_page(
        request,
        visite,
        partner,
        "aide.html",
        exemples=list(examples_for(partner)),
        modeles=workbooks(partner),
        dit_des_pages=PURPOSES,
        siaos=[] if partner.famille is Famille.SIAO else visite.parts.registry().siaos_around(partner),
        guide=guide_of(partner),
        titre_du_guide=title_of(served()[guide_of(partner)].read_text("utf-8")),
    )


@router.get("/bureau/aide/exemple/{nom}")
async def example(visite: Parleur, nom: str) -> Response:
    """Return the example file `nom`, which the desk's help page offers for download: invented rows in a format
    that the partner may send. Raises 404 if the page offers no such file."""
    found = {each.nom: each.fichier for each in examples_for(partner_of(visite))}
    if nom not in found:
        raise not_found()
    return content_of(found[nom])


@router.get("/bureau/aide/{page:path}")
async def guide(request: Request, visite: Parleur, page: str) -> Response:
    """Show a page of the guide for partners, in the desk's layout. Raises 404 for an unknown page."""
    partner, known = partner_of(visite), served()
    if page not in known or not page.endswith(".md"):
        raise not_found()
    text = known[page].read_text("utf-8")
    shown = html_of(page, text, [name for name in known if name.endswith(".md")])
    return desk_page(request, visite, partner, "guide.html", titre=title_of(text), contenu=shown)


def guide_of(partner: Partner) -> str:
    """Return the path of the guide's page for the partner's type."""
    return f"guide-partenaire/{partner.famille}.md"


def examples_for(partner: Partner) -> Iterator[Exemple]:
    """Yield the example files in which the hub can read at least one row for this partner."""
    for dialect in partner.dialectes:
        for name, text in _written(dialect).items():
            native = Native(in_its_own(text, partner).encode(), media_type_of(name), name)
            with suppress(HubError):
                if any(line.contrat for line in ADAPTERS[dialect].decode(native, partner).lignes):
                    yield Exemple(dialect, name, native)


def in_its_own(text: str, partner: Partner) -> str:
    """Return an example file's text in which the partner's own structures replace the invented structures.
    Structures at a secret address are not used."""
    ours = [each for each in partner.structures if not partner.protects(each)]
    own = dict(zip(dict.fromkeys(STRUCTURE.findall(text)), cycle(ours), strict=False))
    return STRUCTURE.sub(lambda found: own.get(found[0], found[0]), text)


def _written(dialect: str) -> Mapping[str, str]:
    mark = BYTE_ORDER_MARK if dialect in TABULAIRES else ""
    return {name: mark + text for name, text in examples(dialect).items()}
