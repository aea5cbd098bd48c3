"""French words for the evidence of a duplicate."""

from collections.abc import Sequence

from contracts.v1.pret_logement import IndiceDoublon

I = IndiceDoublon  # noqa: E741  a column of the table below
INDICES = {
    I.NUMERO_UNIQUE: "même numéro unique",
    I.TELEPHONE: "même téléphone",
    I.DATE_IDENTIQUE: "même date de naissance",
    I.DATE_INVERSEE: "jour et mois inversés",
    I.DATE_PROCHE: "dates de naissance à une faute près",
    I.PRENOM_IDENTIQUE: "même prénom",
    I.PRENOM_PROCHE: "prénoms proches",
    I.NOM_IDENTIQUE: "même nom",
    I.NOM_PROCHE: "noms proches",
    I.NOM_DIFFERENT: "noms différents (naissance, mariage ?)",
    I.NOM_ET_PRENOM_INVERSES: "nom et prénom inversés",
    I.COMPOSITION: "autant de personnes",
    I.AUTRE_MEMBRE: "un autre membre se ressemble aussi",
}
"""French words for each kind of evidence, without personal values."""


def in_words(indices: Sequence[str]) -> list[str]:
    """Return the French words for kinds of evidence (`indices`) that two households are one."""
    known = {str(indice): said for indice, said in INDICES.items()}
    return [known.get(each, each) for each in indices]
