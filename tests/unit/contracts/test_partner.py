"""A partner's entry: which ways out allow which class of delivery."""

import pytest
from pydantic import ValidationError

from contracts.partner import ClasseLivraison, Famille, Partner, SortieBoite, SortieHttp, SortieSftp

ASKED = "https://partenaire.exemple/recues/{cle}"


def http(question: str | None = None) -> SortieHttp:
    return SortieHttp(url="https://partenaire.exemple/", secret="env:SECRET", question=question)


def sftp() -> SortieSftp:
    access = {
        "hote": "sftp.exemple",
        "utilisateur": "hub",
        "cle_privee": "env:CLE",
        "cle_hote": "ssh-ed25519 A",
    }
    return SortieSftp(**access, dossier="depot")


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
