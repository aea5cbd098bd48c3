"""Vérifier qu'un envoi vient du hub (Standard Webhooks) : rien que la bibliothèque standard.

python signature.py SECRET WEBHOOK_ID WEBHOOK_TIMESTAMP WEBHOOK_SIGNATURE < corps
"""

import base64
import hashlib
import hmac
import sys
import time

TOLERANCE_S = 300


def est_authentique(
    secret: str, webhook_id: str, horodatage: str, signature: str, corps: bytes, maintenant: float
) -> bool:
    """Vrai si l'une des signatures est celle du hub, et récente. Le corps est pris tel qu'il est arrivé."""
    if not horodatage.isdigit() or abs(maintenant - int(horodatage)) > TOLERANCE_S:
        return False
    cle = base64.b64decode(secret.removeprefix("whsec_"))
    signe = f"{webhook_id}.{horodatage}.".encode() + corps
    attendue = base64.b64encode(hmac.new(cle, signe, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(f"v1,{attendue}", une) for une in signature.split(" "))


if __name__ == "__main__":
    secret, ident, horodatage, signature = sys.argv[1:5]
    juste = est_authentique(secret, ident, horodatage, signature, sys.stdin.buffer.read(), time.time())
    sys.stdout.write("authentique\n" if juste else "refusé\n")
    sys.exit(0 if juste else 1)
