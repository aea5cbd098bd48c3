"""A partner's entry: which ways out allow which class of delivery, and which addresses and numbers can be meant."""

import pytest
from pydantic import ValidationError

from contracts.http import SortieHttp
from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite
from contracts.sftp import EntreeSftp, SortieSftp
from tests.rows import each_row

ASKED = "https://partenaire.exemple/recues/{cle}"


def http(question: str | None = None) -> SortieHttp:
    return SortieHttp(url="https://partenaire.exemple/", secret="env:SECRET", question=question)


ACCESS = {
    "hote": "sftp.exemple",
    "utilisateur": "hub",
    "cle_privee": "env:CLE",
    "cle_hote": "ssh-ed25519 A",
    "dossier": "depot",
}


def sftp(**more: object) -> SortieSftp:
    return SortieSftp(**{**ACCESS, **more})


def entree(**more: object) -> EntreeSftp:
    return EntreeSftp(**{**ACCESS, "dialecte": "csv", **more})


def partner(livraison: ClasseLivraison, sortie: SortieHttp | SortieSftp | SortieBoite) -> Partner:
    return Partner(
        id="cil-91",
        nom="CIL",
        famille=Famille.CIL,
        territoire="91",
        dialecte_sortant="csv",
        livraison=livraison,
        sortie=sortie,
    )


def test_a_partner_that_can_be_asked_over_http_says_where():
    with pytest.raises(ValidationError, match=r"cil-91 : « interrogeable » exige « question ».*\{cle\}"):
        partner(ClasseLivraison.INTERROGEABLE, http())
    assert partner(ClasseLivraison.INTERROGEABLE, http(ASKED)).sortie == http(ASKED)


@pytest.mark.parametrize("sortie", [sftp(), SortieBoite()], ids=lambda sortie: sortie.type)
def test_a_folder_and_a_mailbox_can_be_asked_as_they_are(sortie):
    assert partner(ClasseLivraison.INTERROGEABLE, sortie).sortie == sortie


@pytest.mark.parametrize("livraison", [ClasseLivraison.DEDUPLIQUE, ClasseLivraison.AUCUNE])
def test_a_partner_that_is_never_asked_needs_no_question(livraison):
    assert partner(livraison, http()).livraison is livraison


def test_a_question_without_a_place_for_the_key_is_refused():
    with pytest.raises(ValidationError, match=r"« question » doit contenir \{cle\}"):
        http("https://partenaire.exemple/recues")


@each_row(
    "url",
    [
        "https://partenaire.exemple/",
        "http://127.0.0.1:8080/hub?x=1",
        "https://[::1]:8443/",
        "http://siao_interne/",
        "https://préfecture.exemple./",
        "https://10.0.0.3:65535",
    ],
)
def test_an_address_that_can_be_reached_is_taken_as_it_is(url):
    assert SortieHttp(url=url, secret="env:SECRET").url == url


@each_row(
    "url",
    [
        "",
        "partenaire.exemple",
        "ftp://partenaire.exemple/",
        "https:/partenaire.exemple/",
        "https:///hub",
        "https://a..b/",
        "https://.fr/",
        "https://-a.fr/",
        f"https://{'a' * 64}.fr/",
        f"https://{'a.' * 130}fr/",
        "https://300.0.0.1/",
        "https://[::1/",
        "https://h:0/",
        "https://h:65536/",
        "https://h:80a/",
        "https://h/un chemin",
        "https://h\n/",
        "https://{cle}.exemple/",
    ],
)
def test_an_address_that_nobody_can_have_is_refused_and_not_repeated(url):
    for field in ({"url": url}, {"url": "https://h/", "question": url + "{cle}"}):
        with pytest.raises(ValidationError, match="URL invalide") as refused:
            SortieHttp(**field, secret="env:SECRET")
        assert "input_value" not in str(refused.value)


@each_row("hote", ["", "h:22", "sftp://h", "h/depot", "hub@h", "un hôte", "a..b", "1.2.3", "h\0"])
def test_a_host_is_a_name_or_an_address_and_nothing_more(hote):
    for entry in (sftp, entree):
        with pytest.raises(ValidationError, match="hôte invalide"):
            entry(hote=hote)
    assert sftp(hote="fe80::1").hote == "fe80::1"


@each_row(
    ("entry", "field", "least", "most"),
    [
        (SortieBoite, "delai_s", 0.1, 300),
        (SortieBoite, "en_vol", 1, 1024),
        (sftp, "delai_s", 0.1, 300),
        (sftp, "en_vol", 1, 1024),
        (sftp, "port", 1, 65535),
        (entree, "port", 1, 65535),
        (entree, "intervalle_s", 0.1, 86_400),
        (entree, "stable_s", 0, 86_400),
    ],
)
def test_a_number_is_within_what_can_be_meant(entry, field, least, most):
    for value in (least, most):
        assert getattr(entry(**{field: value}), field) == value
    for value in (least - 1, most + 1, float("inf"), float("nan")):
        with pytest.raises(ValidationError, match=field):
            entry(**{field: value})
