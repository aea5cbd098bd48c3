"""Write the HTML page `/docs`, which documents the API, and the pages below it. They load no files and run no
script."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from adapters.xml import xml_schemas
from connectors.problem import CATALOGUE
from connectors.soap.answer import PATH as SOAP
from router.intake.catalogue import TITRES, Mot, anchor

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "h2{margin-top:2.5rem;border-top:1px solid #ccc;padding-top:1rem}code{background:#f2f2f2;padding:0 .25rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}"
    "tr{border-bottom:1px solid #eee}pre{overflow-x:auto;background:#f2f2f2;padding:.5rem}"
)
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
OF_THE_FRAMEWORK = "Successful Response"
"""FastAPI's default description of a successful response. The page shows a French text instead."""
ASYNCAPI = "/docs/asyncapi.json"
CONTRACTS = "/docs/contrats"
SCHEMAS = "/docs/schemas"
WHERE = {"query": "adresse", "path": "chemin", "header": "en-tête"}


def page(schema: Mapping[str, Any]) -> str:
    """Return the HTML page that describes the routes of an OpenAPI document."""
    info = schema["info"]
    return document(
        info["title"],
        f"<p>{escape(info['description'])}</p>",
        "<p>Chaque requête porte votre clé : <code>Authorization: Bearer …</code> ou <code>X-API-Key: …</code>. "
        'Pour commencer : <a href="/docs/guide-partenaire.md">le guide du partenaire</a>. '
        'Pour une machine : <a href="/openapi.json">openapi.json</a>, '
        f'<a href="{ASYNCAPI}">asyncapi.json</a> (vos topics Kafka), '
        f'<a href="{CONTRACTS}">schémas JSON des contrats</a>. '
        f'Chaque erreur, et son remède : <a href="{CATALOGUE}">les mots du hub</a>. '
        f"Schémas des dialectes XML : {', '.join(_link(f'{SCHEMAS}/{name}', name) for name in xml_schemas())}. "
        f"En SOAP 1.1 : {_link(f'{SOAP}?wsdl', 'le WSDL')}.</p>",
        *_operations(schema["paths"]),
    )


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def words_page(words: Mapping[str, Mapping[str, Mot]]) -> str:
    """Return the HTML page that explains the codes in the hub's answers. `words` has, under each heading, the
    explanation of each code. Each code has an anchor."""
    return document(
        "Les mots du hub", *(part for name, section in words.items() for part in _section(name, section))
    )


def contracts_page(names: Iterable[str]) -> str:
    """Return an HTML page of links to the JSON Schemas of the contracts."""
    links = (f"<li>{_link(f'{CONTRACTS}/{name}', name)}</li>" for name in names)
    return document("Schémas JSON des contrats", "<ul>", *links, "</ul>")


def schemas_page() -> str:
    """Return an HTML page of links to the XML Schemas of the dialects."""
    links = (f"<li>{_link(f'{SCHEMAS}/{name}', name)}</li>" for name in xml_schemas())
    check = "<p>Pour vérifier un fichier : <code>xmllint --noout --schema bailleur.xsd suites.xml</code></p>"
    return document("Schémas des dialectes XML", "<ul>", *links, "</ul>", check)


def _section(name: str, words: Mapping[str, Mot]) -> Iterator[str]:
    yield f"<h2>{escape(TITRES[name])}</h2>"
    for word, mot in words.items():
        again = {
            None: "",
            True: " Renvoyer tel quel ne sert à rien.",
            False: " Renvoyer tel quel peut suffire.",
        }
        yield f'<h3 id="{escape(anchor(name, word))}">{escape(word)}</h3><p>{escape(mot.sens)}</p>'
        yield f"<p>{escape(mot.remede + again[mot.definitif])}</p>"


def document(title: str, *parts: str) -> str:
    """Return a complete HTML document. `parts` make up its body, and must be escaped HTML."""
    return "\n".join(
        (
            '<!doctype html><html lang="fr"><meta charset="utf-8">',
            f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>',
            f"<style>{STYLE}</style><h1>{escape(title)}</h1>",
            *parts,
            "</html>",
        )
    )


def _operations(paths: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for path, methods in sorted(paths.items()):
        for method, operation in methods.items():
            yield f"<h2>{escape(operation['summary'])}</h2><p><code>{method.upper()} {escape(path)}</code></p>"
            yield f"<p>{escape(operation.get('description', ''))}</p>"
            yield _table(("Paramètre", "Où", "Ce que c'est"), _parameters(operation.get("parameters", ())))
            yield _table(("Réponse", "Ce qu'elle dit"), _responses(operation["responses"]))


def _parameters(parameters: Any) -> Iterator[tuple[str, ...]]:
    for each in parameters:
        required = " (obligatoire)" if each["required"] else ""
        yield each["name"], WHERE[each["in"]], each.get("description", "") + required


def _responses(responses: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for status, response in sorted(responses.items()):
        text = "Réussi." if response["description"] == OF_THE_FRAMEWORK else response["description"]
        yield "autre" if status == "default" else status, text


def _table(titles: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows]
    if not lines:
        return ""
    return f"<table><tr>{''.join(f'<th>{title}</th>' for title in titles)}</tr>{''.join(lines)}</table>"
