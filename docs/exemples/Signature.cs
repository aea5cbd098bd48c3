using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

// Vérifier qu'un envoi vient du hub (Standard Webhooks) : rien que la bibliothèque standard.
//     Signature SECRET WEBHOOK_ID WEBHOOK_TIMESTAMP WEBHOOK_SIGNATURE < corps
public static class Signature
{
    private const long ToleranceS = 300;

    /// <summary>Vrai si l'une des signatures est celle du hub, et récente. Le corps est pris tel qu'il est arrivé.</summary>
    public static bool EstAuthentique(
        string secret, string id, string horodatage, string signature, byte[] corps, long maintenant)
    {
        if (!long.TryParse(horodatage, out var quand) || Math.Abs(maintenant - quand) > ToleranceS)
        {
            return false;
        }
        var cle = Convert.FromBase64String(secret.StartsWith("whsec_") ? secret.Substring(6) : secret);
        using var hmac = new HMACSHA256(cle);
        var signe = Encoding.UTF8.GetBytes($"{id}.{horodatage}.").Concat(corps).ToArray();
        var attendue = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(hmac.ComputeHash(signe)));
        return signature.Split(' ')
            .Any(une => CryptographicOperations.FixedTimeEquals(attendue, Encoding.UTF8.GetBytes(une)));
    }

    public static int Main(string[] args)
    {
        using var corps = new MemoryStream();
        Console.OpenStandardInput().CopyTo(corps);
        var maintenant = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var juste = EstAuthentique(args[0], args[1], args[2], args[3], corps.ToArray(), maintenant);
        Console.WriteLine(juste ? "authentique" : "refusé");
        return juste ? 0 : 1;
    }
}
