"""Shell commands for playing each sandbox partner by hand, in its own format."""

from collections.abc import Mapping

CENTRE = """\
CLE={player.key}

# Publier une place
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/json' \\
  -d '{{"idEvenement": "place-1", "type": "place.vacante", "place": "CH-1", "dispositif": "URGENCE",
       "structure": "{player.structure}", "commune": "{player.commune}"}}'

# Le SIAO simulé y oriente un ménage ; une seconde plus tard, l'envoi est dans la boîte
curl -X POST {url}/v1/bac-a-sable/orientation -H "Authorization: Bearer $CLE"
sleep 1; curl {url}/v1/boite -H "Authorization: Bearer $CLE"

# Le lire, et confirmer sa réception (ENVOI : « cle » dans la liste)
curl {url}/v1/boite/ENVOI -H "Authorization: Bearer $CLE"
curl -X POST {url}/v1/boite/ENVOI/accuse -H "Authorization: Bearer $CLE"

# Répondre (UUID : « orientation » dans l'envoi)
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/json' \\
  -d '{{"idEvenement": "reponse-1", "type": "orientation.acceptee", "orientation": "UUID"}}'

# Voir ce qu'il en est : « effet » du message (ID : celui de la réponse), et à qui le tour
curl {url}/v1/messages/ID -H "Authorization: Bearer $CLE"
curl {url}/v1/orientations/UUID -H "Authorization: Bearer $CLE"
"""
WEBHOOK = """\
# Livré à http://127.0.0.1:{hook_port}/, où rien n'écoute encore ; chaque envoi est signé par {hook_secret}
CLE={player.key}

# Publier une place, et recevoir une orientation
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/json' \\
  -d '{{"idEvenement": "place-1", "type": "place.vacante", "place": "CH-1", "dispositif": "URGENCE",
       "structure": "{player.structure}", "commune": "{player.commune}"}}'
curl -X POST {url}/v1/bac-a-sable/orientation -H "Authorization: Bearer $CLE"

# Répondre (UUID : « orientation » dans l'envoi), puis lire « effet » (ID : celui de la réponse)
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/json' \\
  -d '{{"idEvenement": "reponse-1", "type": "orientation.acceptee", "orientation": "UUID"}}'
curl {url}/v1/messages/ID -H "Authorization: Bearer $CLE"
"""
PRESENTED = """\
CLE={player.key}

# Recevoir une candidature ; une seconde plus tard, elle est dans la boîte
curl -X POST {url}/v1/bac-a-sable/orientation -H "Authorization: Bearer $CLE"
sleep 1; curl {url}/v1/boite -H "Authorization: Bearer $CLE"

# La lire, et confirmer sa réception (ENVOI : « cle » dans la liste)
curl {url}/v1/boite/ENVOI -H "Authorization: Bearer $CLE"{saved}
curl -X POST {url}/v1/boite/ENVOI/accuse -H "Authorization: Bearer $CLE"

"""
EFFECT = """
# Lire « effet » du message (ID : celui de la réponse), et à qui le tour
curl {url}/v1/messages/ID -H "Authorization: Bearer $CLE"
curl {url}/v1/orientations/UUID -H "Authorization: Bearer $CLE"
"""
LANDLORD = """\
# Répondre (UUID : « refCandidature » dans l'envoi)
printf '%s' '<suites xmlns="urn:siao-hub:bailleur:1" versionInterface="01.00" idMessage="ESSAI-1">
  <accuse><refCandidature>UUID</refCandidature></accuse>
  <inscription><refCandidature>UUID</refCandidature><dateCommission>2026-12-15</dateCommission></inscription>
</suites>' > suites.xml
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/xml' --data-binary @suites.xml
"""
COUNCIL = """\
# Répondre (UUID : « Réf. SIAO » dans l'envoi)
printf 'Réf. SIAO;Suite;Date\\nUUID;Dossier reçu;\\nUUID;Inscrit en commission;15/12/2026\\n' > suites.csv
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: text/csv' --data-binary @suites.csv
"""
STATE = """\
# La liste vivante : un ménage y entre ; avec « ?menage=UUID » il change, puis la quitte
curl -X POST {url}/v1/bac-a-sable/liste -H "Authorization: Bearer $CLE"

# Répondre à une candidature (UUID : « candidature » dans l'envoi)
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/json' \\
  -d '{{"idEvenement": "reponse-1", "type": "designation.contingent", "candidature": "UUID",
       "designationLe": "2026-12-01"}}'
"""
PREFECT = """\
CLE={player.key}

# Désigner un ménage au titre du DAHO, et signer une dérogation : deux événements dans un envoi
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/json' \\
  -d '[{{"idEvenement": "d-1", "type": "daho.designe", "daho": "D-1", "decisionLe": "2026-12-01",
        "menage": {{"id": "M-1", "composition": "10", "adultes": 1,
                   "personnes": [{{"nom": "Essai", "prenom": "Un"}}]}}}},
       {{"idEvenement": "s-1", "type": "derogation.accordee", "numero": "DER-2026-1", "structure": "990000002",
        "quota": 2, "du": "2026-12-01", "au": "2027-11-30"}}]'

# Voir qui a signé et qui manque : « effet » du message (ID : celui de la réponse), puis « Actes » dans la console
curl {url}/v1/messages/ID -H "Authorization: Bearer $CLE"
"""
FILES = """\
CLE={player.key}
cd {folder}

# Recevoir une candidature : une seconde plus tard, elle paraît dans envois/
curl -X POST {url}/v1/bac-a-sable/orientation -H "Authorization: Bearer $CLE"
sleep 1; cat envois/*.csv

# Déposer sa suite dans depot/ (REF : « Réf. SIAO »), et lire son rapport
printf 'Réf. SIAO;Suite\\nREF;Dossier reçu\\n' > depot/.suites.part && mv depot/.suites.part depot/suites.csv
sleep 3; cat depot/rapports/*

# Le même fichier par HTTP
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: text/csv' \\
  --data-binary @depot/archives/suites.csv
"""
ADVANCE = """
# Le SIAO simulé la fait avancer d'un pas à chaque appel ; une seconde plus tard, la boîte le dit
curl -X POST {url}/v1/bac-a-sable/demande -H "Authorization: Bearer $CLE"
sleep 1; curl {url}/v1/boite -H "Authorization: Bearer $CLE"

# Lire « effet » du message (ID : celui de la réponse)
curl {url}/v1/messages/ID -H "Authorization: Bearer $CLE"
"""
BRINGS = """\
CLE={player.key}

# Apporter une demande
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/json' \\
  -d '{{"idEvenement": "d-1", "type": "demande.recue", "demande": "D-1", "dispositif": "URGENCE",
       "menage": {{"id": "M-1", "composition": "10", "adultes": 1}}}}'
"""
SPIP = """\
CLE={player.key}

# Apporter une demande
printf '%s' '<evenements xmlns="urn:siao-hub:spip:1" versionInterface="01.00"><evenement>
  <idEvenement>d-1</idEvenement><type>demande.recue</type><suivi>D-1</suivi><dateSortie>15/12/2026</dateSortie>
  <dispositif>INSERTION</dispositif>
  <menage><id>M-1</id><composition>10</composition><adultes>1</adultes></menage>
</evenement></evenements>' > demande.xml
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/xml' --data-binary @demande.xml
"""
TRANSFER = """\
CLE={player.key}

# Un SIAO voisin vous propose une demande ; une seconde plus tard, elle est dans la boîte, sans nom
curl -X POST {url}/v1/bac-a-sable/transfert -H "Authorization: Bearer $CLE"
sleep 1; curl {url}/v1/boite -H "Authorization: Bearer $CLE"

# L'accepter (UUID : « id » de la réponse) : le ménage arrive, avec son nom
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/json' \\
  -d '{{"idMessage": 1, "type": "demande.transfert-accepte", "demande": {{"identifiantExterne": "UUID"}}}}'

# Le 115 vous en apporte une ; la proposer au voisin, puis le faire répondre
curl -X POST "{url}/v1/bac-a-sable/transfert?suite=RECUE" -H "Authorization: Bearer $CLE"
curl {url}/v1/messages -H "Authorization: Bearer $CLE" -H 'Content-Type: application/json' \\
  -d '{{"idMessage": 2, "type": "demande.transferee", "demande": {{"identifiantExterne": "UUID"}},
       "suite": {{"territoire": "99"}}}}'
curl -X POST "{url}/v1/bac-a-sable/transfert?demande=UUID" -H "Authorization: Bearer $CLE"

# Lire « effet » du message (ID : celui de la réponse)
curl {url}/v1/messages/ID -H "Authorization: Bearer $CLE"
"""

_CANDIDACY = PRESENTED.replace("{saved}", "")
SHEETS: Mapping[str, tuple[str, str]] = {
    "centre": ("hebergement", CENTRE),
    "webhook": ("hebergement", WEBHOOK),
    "bailleur": ("bailleur", _CANDIDACY + LANDLORD + EFFECT),
    "fichiers": ("bailleur", FILES),
    "ville": ("collectivite", PRESENTED.replace("{saved}", " -o recu.xlsx") + COUNCIL + EFFECT),
    "contingent": ("contingent", _CANDIDACY + STATE + EFFECT),
    "siao-01": ("siao", TRANSFER),
    "etat": ("etat", PREFECT),
    "115": ("veille_sociale", BRINGS + ADVANCE),
    "ccas": ("prescripteur", BRINGS + ADVANCE),
    "spip": ("spip", SPIP + ADVANCE),
}
"""Page of the partners' guide, and shell commands, by sandbox partner."""
