"""The reviewed file of the registry: what is read, and what is refused in which words."""

from pathlib import Path

import pytest

from adapters.declaration import Declaration
from adapters.registry import ADAPTERS, TABULAIRES, declaration, declaration_for
from contracts.errors import Misconfigured
from ops.partners.registry_file import lacks, load
from tests.rows import each_row

SIAO = """
[[partenaire]]
id = "siao-01"
nom = "SIAO de l'Ain"
famille = "siao"
territoire = "01"
"""
CENTRE = """
[[partenaire]]
id = "chrs-tilleuls"
nom = "CHRS Les Tilleuls"
famille = "hebergement"
territoire = "01"
"""
CLE = f'cles_api = ["sha256:{"a" * 64}"]\n'


def refusal(tmp_path: Path, text: str) -> str:
    """What is said of a file that is not taken."""
    path = tmp_path / "partners.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured) as refused:
        load(path)
    return str(refused.value)


def test_a_file_is_read_entry_by_entry(tmp_path: Path) -> None:
    path = tmp_path / "partners.toml"
    path.write_text(SIAO + CENTRE + CLE, encoding="utf-8")
    registry = load(path)
    assert list(registry.partners) == ["siao-01", "chrs-tilleuls"]
    assert registry.partners["siao-01"].nom == "SIAO de l'Ain"


def test_a_file_without_entries_is_an_empty_registry(tmp_path: Path) -> None:
    path = tmp_path / "partners.toml"
    path.write_text("", encoding="utf-8")
    assert load(path).partners == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SIAO + SIAO, "id en double : siao-01"),
        (SIAO + CLE + CENTRE + CLE, f"clé d'API en double : sha256:{'a' * 64}"),
        (
            f'{CENTRE}structures = ["010000024"]\n'
            f'{CENTRE.replace("tilleuls", "ormes")}structures = ["010000024"]\n',
            "structure en double : 010000024",
        ),
    ],
)
def test_what_only_one_partner_may_have_is_refused_to_two(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text) == message


@pytest.mark.parametrize(
    ("more", "where", "fault"),
    [
        ("adresse = 3\n", "adresse", "champ inconnu"),
        (
            'livraison = "parfois"\n',
            "livraison",
            "valeur inconnue, attendu 'deduplique', 'interrogeable' ou 'aucune'",
        ),
        ('cles_api = ["en clair"]\n', "cles_api.0", "format invalide, attendu ^sha256:[0-9a-f]{64}$"),
        ('sortie = {type = "http"}\n', "sortie.http.url", "champ obligatoire absent"),
        (
            'sortie = {type = "pigeon"}\n',
            "sortie",
            "« type » inconnu, attendu 'http', 'sftp', 'boite', 'rest', 'kafka', 'soap'",
        ),
        ('dialectes = "csv"\n', "dialectes", "valeur non conforme (tuple_type)"),
        (
            'sortie = {type = "boite"}\n',
            "entrée",
            "chrs-tilleuls : « dialecte_sortant » est obligatoire avec une sortie",
        ),
        (
            'structures_protegees = ["010000024"]\n',
            "entrée",
            "chrs-tilleuls : « structures_protegees » doit être pris dans « structures »",
        ),
    ],
)
def test_a_wrong_entry_is_named_with_its_field_and_what_is_wrong(
    tmp_path: Path, more: str, where: str, fault: str
) -> None:
    assert refusal(tmp_path, SIAO + CENTRE + more) == f"partenaire n° 2 (chrs-tilleuls), {where} : {fault}"


@pytest.mark.parametrize(
    ("family", "dialect", "missing"),
    [
        ("hebergement", "bailleur_xml", "orientation.proposee, orientation.annulee"),
        ("bailleur", "hebergement_csv", "candidature.presentee, candidature.retiree"),
        ("siao", "hebergement_json", "place.declaree, place.vacante"),
    ],
)
def test_a_way_out_must_carry_all_that_the_family_is_sent(
    tmp_path: Path, family: str, dialect: str, missing: str
) -> None:
    entry = (
        CENTRE.replace("hebergement", family)
        + f'dialecte_sortant = "{dialect}"\nsortie = {{type = "boite"}}\n'
    )
    said = refusal(tmp_path, entry)
    assert said.startswith(
        f"chrs-tilleuls : « {dialect} » ne peut porter tout ce qu'un partenaire de sa famille"
    )
    assert missing in said


WRITTEN = [
    declaration(nom, profil)
    for nom, adapter in ADAPTERS.items()
    if adapter.DECLARATION.ecrit
    for profil in (TABULAIRES[nom].profils if nom in TABULAIRES else (None,))
]


@each_row("written", [each for each in WRITTEN if each.ecrit], ids=lambda each: each.nom)
def test_whatever_dialect_or_profile_writes_may_be_the_way_out_of_one_of_its_families(
    written: Declaration,
) -> None:
    missing = {famille: lacks(famille, written) for famille in written.familles}
    assert [] in missing.values(), missing


@pytest.mark.parametrize(
    ("dialect", "lines", "told"), [("hebergement_csv", 200, None), ("hebergement_json", 2, "lot")]
)
def test_a_lot_needs_a_dialect_that_writes_so_many_events_into_one_file(
    tmp_path: Path, dialect: str, lines: int, told: str | None
) -> None:
    way_out = f'{{type = "http", url = "https://h.fr/", secret = "env:S", lot = {{lignes = {lines}, attente_s = 60}}}}'
    entry = CENTRE + f'dialecte_sortant = "{dialect}"\nsortie = {way_out}\n'
    if told is None:
        path = tmp_path / "lots.toml"
        path.write_text(SIAO + entry)
        (centre,) = (p for p in load(path).partners.values() if p.lot)
        assert centre.lot is not None
        assert centre.lot.lignes == lines
    else:
        assert "ne porte qu'un événement" in refusal(tmp_path, entry)


def test_a_set_of_files_is_of_one_departement_and_goes_into_a_folder_and_nowhere_else(tmp_path: Path) -> None:
    base = CENTRE.replace("hebergement", "bdos") + 'dialecte_sortant = "bdos_fichiers"\n'
    assert "plusieurs fichiers par livraison" in refusal(tmp_path, f'{base}sortie = {{type = "boite"}}\n')
    path = tmp_path / "folder.toml"
    way_out = (
        '{type = "sftp", hote = "h", utilisateur = "u", cle_privee = "env:C", cle_hote = "ssh-ed25519 A", '
        'dossier = "d", lot = {lignes = 500, attente_s = 86400}}'
    )
    path.write_text(f"{base}sortie = {way_out}\n")
    assert load(path).get("chrs-tilleuls") is not None
    path.write_text(f'{base}autres_territoires = ["01-est"]\nsortie = {way_out}\n')
    assert load(path).get("chrs-tilleuls") is not None
    two = f'{base}autres_territoires = ["69"]\nsortie = {way_out}\n'
    assert "entrée par département" in refusal(tmp_path, two)


def test_a_profile_of_another_dialect_is_refused(tmp_path: Path) -> None:
    entry = CENTRE + 'dialectes = ["hebergement_json"]\nprofil = "hebergement_gestion"\n'
    assert "est du dialecte hebergement_csv" in refusal(tmp_path, entry)


def test_nobody_may_have_the_name_of_the_hub(tmp_path: Path) -> None:
    assert "celui du hub lui-même" in refusal(tmp_path, SIAO.replace("siao-01", "siao-hub"))


@pytest.mark.parametrize(
    "clear", ['url = "http://h.fr/"', 'url = "https://h.fr/", question = "http://h.fr/{cle}"']
)
def test_what_goes_to_another_machine_goes_encrypted_unless_the_entry_says_so(
    tmp_path: Path, clear: str
) -> None:
    assert "https://" in refusal(tmp_path, SIAO + CENTRE + SORTIE_HTTP % clear)
    path = tmp_path / "partenaires.toml"
    path.write_text(SIAO + CENTRE + SORTIE_HTTP % f"{clear}, en_clair = true", encoding="utf-8")
    assert load(path)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_on_this_machine_nobody_can_read_on_the_way(tmp_path: Path, host: str) -> None:
    path = tmp_path / "partenaires.toml"
    path.write_text(SIAO + CENTRE + SORTIE_HTTP % f'url = "http://{host}/"', encoding="utf-8")
    assert load(path)


@pytest.mark.parametrize(
    ("dialecte", "more", "says"),
    [
        ("bailleur_xml", 'url = "http://b.fr/"', "https://"),
        ("bailleur_xml", 'url = "https://b.fr/", utilisateur = "hub"', "vont ensemble"),
        ("bailleur_xml", 'url = "https://b.fr/", utilisateur = "a:b", mot_de_passe = "env:M"', "HTTP Basic"),
        ("bailleur_xml", 'url = "http://127.0.0.1/", certificat = "/hub.pem"', "https://"),
        ("bailleur_xml", """url = "https://b.fr/", action = '"'""", "guillemets"),
        ("bailleur_tableau", 'url = "https://b.fr/"', "SOAP ne porte que du XML"),
    ],
)
def test_a_soap_service_is_given_xml_alone_and_a_line_that_can_be_trusted(
    tmp_path: Path, dialecte: str, more: str, says: str
) -> None:
    bailleur = CENTRE.replace("hebergement", "bailleur") + f'dialecte_sortant = "{dialecte}"\n'
    assert says in refusal(tmp_path, f'{bailleur}sortie = {{type = "soap", {more}}}\n')


SORTIE_HTTP = 'dialecte_sortant = "hebergement_json"\nsortie = {type = "http", secret = "env:S", %s}\n'
ENTREE = (
    'dialectes = ["hebergement_json"]\n'
    'entree = {dialecte = "hebergement_json", dossier = "d", utilisateur = "u", cle_privee = "env:C", '
    'cle_hote = "ssh-ed25519 A", %s}\n'
)


@pytest.mark.parametrize(
    ("more", "where", "fault"),
    [
        (
            SORTIE_HTTP % 'url = "https://h:99999/"',
            "sortie.http.url",
            "URL invalide, port attendu entre 1 et 65535",
        ),
        (
            SORTIE_HTTP % 'url = "https://h/", question = "https://a..b/{cle}"',
            "sortie.http.question",
            "URL invalide, attendu un nom ou une adresse IP, et un port entre 1 et 65535",
        ),
        (
            SORTIE_HTTP % 'url = "htps://h/"',
            "sortie.http.url",
            "URL invalide, attendu https://… ou http://…, sans espace",
        ),
        (SORTIE_HTTP % 'url = "https://h/", delai_s = 3000', "sortie.http.delai_s", "300 au plus"),
        (SORTIE_HTTP % 'url = "https://h/", delai_s = nan', "sortie.http.delai_s", "nombre fini attendu"),
        (SORTIE_HTTP % 'url = "https://h/", delai_s = "dix"', "sortie.http.delai_s", "nombre attendu"),
        (SORTIE_HTTP % 'url = "https://h/", en_vol = 0', "sortie.http.en_vol", "1 au moins"),
        (ENTREE % 'hote = "h", port = 70000', "entree.sftp.port", "65535 au plus"),
        (ENTREE % 'hote = "h", port = 22.5', "entree.sftp.port", "nombre entier attendu"),
        (ENTREE % 'hote = "h", port = "ssh"', "entree.sftp.port", "nombre entier attendu"),
        (ENTREE % 'hote = "h", intervalle_s = 0', "entree.sftp.intervalle_s", "0,1 au moins"),
        (ENTREE % 'hote = "h", stable_s = -1', "entree.sftp.stable_s", "0 au moins"),
        (
            ENTREE % 'hote = "sftp://h/depot"',
            "entree.sftp.hote",
            "hôte invalide, attendu un nom (sftp.exemple.fr) ou une adresse IP, sans rien d'autre",
        ),
    ],
)
def test_an_address_or_a_number_that_cannot_be_meant_is_caught_at_load_and_named_in_french(
    tmp_path: Path, more: str, where: str, fault: str
) -> None:
    assert refusal(tmp_path, SIAO + CENTRE + more) == f"partenaire n° 2 (chrs-tilleuls), {where} : {fault}"


@pytest.mark.parametrize(
    "more", ['dialectes = ["hebergement_cvs"]\n', 'dialecte_sortant = "hebergement_cvs"\n']
)
def test_a_dialect_that_nobody_speaks_is_refused_with_those_that_are_spoken(
    tmp_path: Path, more: str
) -> None:
    said = refusal(tmp_path, SIAO + CENTRE + more)
    assert said.startswith("chrs-tilleuls : dialecte inconnu « hebergement_cvs » (connus : ")
    assert "hebergement_csv" in said


def test_an_entry_without_an_id_is_named_by_its_number(tmp_path: Path) -> None:
    text = SIAO + CENTRE.replace('id = "chrs-tilleuls"\n', "")
    assert refusal(tmp_path, text) == "partenaire n° 2 (sans id), id : champ obligatoire absent"


def test_a_key_written_in_clear_is_not_repeated(tmp_path: Path) -> None:
    assert "motdepasse" not in refusal(tmp_path, SIAO + 'cles_api = ["motdepasse"]\n')


@pytest.mark.parametrize(
    "text", [SIAO.replace("[[partenaire]]", "[partenaire]"), "partenaire = 3", 'partenaire = ["siao-01"]']
)
def test_entries_that_are_no_list_of_tables_are_a_slip_that_is_explained(tmp_path: Path, text: str) -> None:
    message = refusal(tmp_path, text)
    assert message == "registre illisible : partners.toml (chaque entrée commence par [[partenaire]])"


@pytest.mark.parametrize("text", ["[[partenaire]", "= 3", "id = é"])
def test_a_file_that_is_no_toml_is_misconfigured(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text).startswith("registre illisible : partners.toml")


def test_a_file_that_is_not_utf8_or_not_there_is_misconfigured(tmp_path: Path) -> None:
    path = tmp_path / "partners.toml"
    with pytest.raises(Misconfigured, match="registre illisible"):
        load(path)
    path.write_bytes(b"nom = '\xe9'")
    with pytest.raises(Misconfigured, match="registre illisible"):
        load(path)


def test_a_list_of_protected_structures_is_not_taken_in_clear_and_the_error_says_how_to_seal_it(
    tmp_path: Path,
) -> None:
    text = SIAO + CENTRE + 'structures = ["010000024"]\nstructures_protegees = ["010000024"]\n'
    told = refusal(tmp_path, text)
    assert "chrs-tilleuls, structures_protegees : cette liste ne s'écrit pas en clair" in told
    assert "siao-hub partners sceller chrs-tilleuls" in told
    assert "010000024" not in told


def test_a_manager_with_a_sealed_list_has_structures_of_chrs_status_and_reserved_ones_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "partners.toml"
    entry = """structures = ["010000024"]
structures_protegees = "scelle:AAAA"
structures_chrs = ["010000024"]
[[partenaire.reservations]]
structures = ["010000024"]
pour = "ETAT"
"""
    path.write_text(SIAO + CENTRE + entry, encoding="utf-8")
    assert load(path).partners["chrs-tilleuls"].structures_chrs == ("010000024",)


def test_every_dialect_has_a_partner_that_speaks_it_among_the_examples() -> None:
    """Whoever adds a dialect shows an entry for it; whoever writes an entry finds one to start from."""
    examples = load(Path(__file__).parents[4] / "deploy" / "partners.exemple.toml").partners.values()
    spoken = {dialect for partner in examples for dialect in (*partner.dialectes, partner.dialecte_sortant)}
    assert spoken - {None} == set(ADAPTERS)
    for partner in examples:
        declared = [declaration_for(partner, dialect) for dialect in partner.dialectes]
        assert all(partner.famille in one.familles for one in declared), partner.id


URGENCE = SIAO + 'volet = "urgence"\n'
OTHER = SIAO.replace("siao-01", "siao-ain")
ANTENNA = OTHER + 'antenne_de = "siao-01"\n'


@pytest.mark.parametrize(
    "text",
    [
        URGENCE + OTHER + 'volet = "insertion"\n',
        SIAO
        + 'perimetre = {arrondissements = ["011"]}\n'
        + OTHER
        + 'perimetre = {arrondissements = ["012"]}\n',
        SIAO + ANTENNA + 'perimetre = {communes = ["01034"]}\n',
        URGENCE + OTHER + 'volet = "insertion"\nautres_territoires = ["69", "38"]\n',
        SIAO + OTHER.replace('"01"', '"69"') + 'perimetre = {epci = ["200046977"]}\n',
    ],
    ids=["volets", "perimeters", "antenna", "several territories", "epci"],
)
def test_several_desks_of_a_territory_are_taken_where_each_thing_has_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "partners.toml"
    path.write_text(text, encoding="utf-8")
    assert len(load(path).partners) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            SIAO + OTHER,
            "SIAO en double pour le territoire 01 : siao-01, siao-ain ; donnez à chacun un « volet »",
        ),
        (URGENCE + OTHER, "SIAO en double pour le territoire 01"),
        (URGENCE + OTHER + 'volet = "urgence"\n', "SIAO en double pour le territoire 01"),
        (
            SIAO.replace('"01"', '"69"') + OTHER + 'autres_territoires = ["69"]\n',
            "SIAO en double pour le territoire 69",
        ),
        (
            SIAO + 'perimetre = {departements = ["01"]}\n' + OTHER + 'perimetre = {communes = ["01034"]}\n',
            "SIAO en double pour le territoire 01",
        ),
        (SIAO + OTHER + 'perimetre = {communes = ["01034"]}\n', "SIAO en double pour le territoire 01"),
        (SIAO + ANTENNA, "siao-ain : une antenne a un « perimetre »"),
        (
            OTHER + 'antenne_de = "siao-69"\nperimetre = {communes = ["01034"]}\n',
            "siao-ain, antenne_de : « siao-69 » n'est pas un SIAO de ce registre",
        ),
        (
            SIAO + ANTENNA.replace('"01"', '"69"') + 'perimetre = {communes = ["69266"]}\n',
            "siao-ain : une antenne travaille dans les territoires de son SIAO (01)",
        ),
        (SIAO + CENTRE + 'volet = "urgence"\n', "« succede_a » sont d'un SIAO"),
        (SIAO + CENTRE + 'autres_territoires = ["01"]\n', "chaque territoire ne s'écrit qu'une fois"),
        (SIAO + CENTRE + 'perimetre = {epci = ["1"]}\n', "EPCI inconnu : écrivez le SIREN"),
    ],
)
def test_a_thing_with_two_desks_or_none_to_stand_by_is_refused_with_what_to_do(
    tmp_path: Path, text: str, says: str
) -> None:
    assert says in refusal(tmp_path, text)
