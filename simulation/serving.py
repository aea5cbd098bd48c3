"""`--serve`: the hub stays up after the demo, with all that is needed to try it by hand."""

import signal
from contextlib import suppress

from rich.console import Console

from simulation.cast import CENTRE_CSV, CENTRE_JSON
from simulation.stage import Stage

HELP = """\
  [bold]Le hub et ses partenaires tournent encore.[/] Ctrl-C arrête tout.

  Porte d'entrée     {url}/v1/messages
  Documentation      {url}/docs
  Mesures            {url}/metrics
  Registre           {registry}
  Journaux           {folder}/*/journal.jsonl

  Publier une place, en JSON :
    curl -i {url}/v1/messages -H 'Authorization: Bearer {json_key}' \\
      -H 'Content-Type: application/json' -H 'Idempotency-Key: essai-1' \\
      -d '{{"idEvenement": "essai-1", "type": "place.vacante", "place": "ESC-ESSAI", "dispositif": "URGENCE",
           "structure": "{finess}", "commune": "{commune}"}}'

  La même avec une faute (le hub dit laquelle), sans aucun effet (« essai=true ») :
    curl -i '{url}/v1/messages?essai=true' -H 'Authorization: Bearer {json_key}' \\
      -H 'Content-Type: application/json' \\
      -d '{{"type": "place.vacante", "place": "ESC-ESSAI", "dispositif": "URGENCE",
           "structure": "{finess}", "commune": "59000"}}'

  Ce qu'est devenu un message (ID : celui de la réponse) :
    curl {url}/v1/messages/ID -H 'Authorization: Bearer {json_key}'

  Déposer un fichier CSV : copiez-le dans
    {drop}
  Son rapport paraît dans « rapports/ », le fichier lui-même dans « archives/ ».
"""


def serve_until_interrupted(console: Console, stage: Stage) -> None:
    """Print how to try it by hand, and wait for Ctrl-C."""
    centre = stage.configs[CENTRE_JSON.id]
    text = HELP.format(
        url=stage.hub_url,
        registry=stage.registry,
        folder=stage.folder,
        json_key=centre.api_key,
        finess=centre.structures[0],
        commune=centre.places[0].structure.commune,
        drop=stage.configs[CENTRE_CSV.id].folder / "sftp" / "depot",
    )
    console.print(text, soft_wrap=True)
    with suppress(KeyboardInterrupt):
        signal.pause()
