import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Vérifier qu'un envoi vient du hub (Standard Webhooks) : rien que la bibliothèque standard.
 *
 * <p>java Signature.java SECRET WEBHOOK_ID WEBHOOK_TIMESTAMP WEBHOOK_SIGNATURE < corps
 */
public final class Signature {
    private static final long TOLERANCE_S = 300;

    /** Vrai si l'une des signatures est celle du hub, et récente. Le corps est pris tel qu'il est arrivé. */
    static boolean estAuthentique(
            String secret, String id, String horodatage, String signature, byte[] corps, long maintenant)
            throws Exception {
        if (!horodatage.matches("\\d{1,12}") || Math.abs(maintenant - Long.parseLong(horodatage)) > TOLERANCE_S) {
            return false;
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        String cle = secret.startsWith("whsec_") ? secret.substring(6) : secret;
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(cle), "HmacSHA256"));
        mac.update((id + "." + horodatage + ".").getBytes(StandardCharsets.UTF_8));
        byte[] attendue = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(corps))).getBytes();
        for (String une : signature.split(" ")) {
            if (MessageDigest.isEqual(attendue, une.getBytes(StandardCharsets.UTF_8))) {
                return true;
            }
        }
        return false;
    }

    public static void main(String[] args) throws Exception {
        byte[] corps = System.in.readAllBytes();
        boolean juste = estAuthentique(args[0], args[1], args[2], args[3], corps, System.currentTimeMillis() / 1000);
        System.out.println(juste ? "authentique" : "refusé");
        System.exit(juste ? 0 : 1);
    }
}
