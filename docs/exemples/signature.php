<?php
// Vérifier qu'un envoi vient du hub (Standard Webhooks).
//     php signature.php SECRET WEBHOOK_ID WEBHOOK_TIMESTAMP WEBHOOK_SIGNATURE < corps

const TOLERANCE_S = 300;

/** Vrai si l'une des signatures est celle du hub, et récente. Le corps est pris tel qu'il est arrivé. */
function est_authentique(string $secret, string $id, string $horodatage, string $signature, string $corps, int $maintenant): bool
{
    if (!ctype_digit($horodatage) || abs($maintenant - (int) $horodatage) > TOLERANCE_S) {
        return false;
    }
    $cle = base64_decode(preg_replace('/^whsec_/', '', $secret));
    $attendue = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$horodatage.$corps", $cle, true));
    foreach (explode(' ', $signature) as $une) {
        if (hash_equals($attendue, $une)) {
            return true;
        }
    }
    return false;
}

if (PHP_SAPI === 'cli') {
    $juste = est_authentique($argv[1], $argv[2], $argv[3], $argv[4], file_get_contents('php://stdin'), time());
    echo $juste ? "authentique\n" : "refusé\n";
    exit($juste ? 0 : 1);
}
