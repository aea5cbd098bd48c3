"""What the console sends to browsers is what was published, and nothing of it stands in a page."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import console
from console.assets import addressed, assets
from console.guard import HEADERS
from tests.rows import each_row

ROOT = Path(console.__file__).parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_each_file_from_elsewhere_is_the_one_that_was_looked_at():
    lines = (ROOT / "static.sha256").read_text("utf-8").splitlines()
    said = {name: digest for digest, name in map(str.split, lines)}
    found = {path.name: path for path in (ROOT / "static").glob("*.min.*")}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()} == said


def test_each_package_is_pinned_to_one_version_and_one_hash_from_no_named_registry():
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    for name, version in wanted.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    assert all("integrity" in entry and "resolved" not in entry for path, entry in locked.items() if path)


@each_row("template", TEMPLATES, ids=lambda path: path.name)
def test_no_page_has_a_script_or_a_style_of_its_own(template):
    text = template.read_text("utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=\"/statique/)", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


BEFORE_A_SESSION = ("connexion.html", "lien.html")
"""Pages whose form no session has: one asks for a mail, the other carries the secret of the mail itself."""


@each_row(
    "template",
    [each for each in TEMPLATES if each.name not in BEFORE_A_SESSION],
    ids=lambda path: path.name,
)
def test_every_form_that_changes_something_sends_the_token_of_its_session(template):
    text = template.read_text("utf-8")
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL)
    assert len(forms) == text.count('method="post"')
    assert all("jeton" in form for form in forms)


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_within_a_page():
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy


def test_a_file_is_addressed_by_what_is_in_it_and_a_page_leads_to_no_other_address():
    for template in TEMPLATES:
        text = template.read_text("utf-8")
        assert '"/statique/' not in text.replace('"/statique/{{ actif("', "")
    assert addressed("console.css") == f"console.css?v={assets()['console.css'].version}"


def test_a_file_is_compressed_once_and_is_what_it_was():
    for each in assets().values():
        assert gzip.decompress(each.compressed) == each.body
    style = assets()["tabler.min.css"]
    assert len(style.compressed) < len(style.body) / 5
