"""Files of any size: rows are read one by one, in constant memory."""

import tracemalloc

from tests.unit.adapters.partenaires import ABRI, STRUCTURE, read

HEADER = "reference_place;etat;structure;commune;dispositif;adresse\n"
ROWS = 50_000


def large() -> bytes:
    rows = (f"CH-{n};vacante;{STRUCTURE};01053;URGENCE;{n} rue des Tilleuls\n" for n in range(ROWS))
    return (HEADER + "".join(rows)).encode()


def test_every_row_of_a_large_file_is_read_in_constant_memory():
    body = large()
    tracemalloc.start()
    count = sum(ligne.contrat is not None for ligne in read("hebergement_csv", body, ABRI).lignes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == ROWS
    assert peak < 2_000_000 < len(body)


def test_the_first_row_is_there_before_the_last_is_read():
    decoded = read(
        "hebergement_csv", HEADER.encode() + f"A;vacante;{STRUCTURE};01053;URGENCE;\n".encode() * 3, ABRI
    )
    assert next(decoded.lignes).numero == 2
    assert next(decoded.lignes).numero == 3


def test_the_same_bytes_give_the_same_rows_again_so_that_a_crash_can_resume():
    body = large()[:20_000]
    once, twice = (list(read("hebergement_csv", body, ABRI).lignes) for _ in range(2))
    assert once == twice
