package org.headrace.core.crypto;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;

/**
 * Signs JSON objects and checks signatures on them (spec appendices, "Signing JSON"). The signature
 * covers all members but {@code signatures} and {@code unsigned}.
 */
public final class JsonSigner {
  private JsonSigner() {}

  /** A copy of the object with this signature added to those it has. */
  public static ObjectNode sign(ObjectNode object, String signer, SigningKey key) {
    return withSignature(object, signer, key.keyId(), signature(object, key));
  }

  /** The unpadded base64 of the signature over the strict canonical JSON. */
  public static String signature(ObjectNode object, SigningKey key) {
    return UnpaddedBase64.encode(key.sign(signedBytes(object, CanonicalJson::encode)));
  }

  /** A copy of the object that holds this signature too. */
  public static ObjectNode withSignature(
      ObjectNode object, String signer, String keyId, String signature) {
    ObjectNode signatures = Json.object();
    if (object.get("signatures") instanceof ObjectNode present) {
      signatures.setAll(present);
    }
    ObjectNode ofSigner = Json.object();
    if (signatures.get(signer) instanceof ObjectNode present) {
      ofSigner.setAll(present);
    }
    ofSigner.put(keyId, signature);
    signatures.set(signer, ofSigner);
    ObjectNode signed = Json.object();
    signed.setAll(object);
    signed.set("signatures", signatures);
    return signed;
  }

  /**
   * Whether the object holds a valid signature of this signer with this key ("Checking for a
   * Signature"). False for anything malformed.
   *
   * @param publicKey the 32 raw bytes of the verification key
   */
  public static boolean verify(ObjectNode object, String signer, String keyId, byte[] publicKey) {
    return verify(object, signer, keyId, publicKey, CanonicalJson::encode);
  }

  /** As above, with the encoding that the object's origin used (lenient for old rooms). */
  public static boolean verify(
      ObjectNode object,
      String signer,
      String keyId,
      byte[] publicKey,
      Function<JsonNode, byte[]> encoding) {
    JsonNode signature = object.path("signatures").path(signer).path(keyId);
    if (!signature.isTextual() || !keyId.startsWith(Ed25519.ALGORITHM + ":")) {
      return false;
    }
    try {
      byte[] signatureBytes = UnpaddedBase64.decode(signature.textValue());
      return Ed25519.verify(publicKey, signedBytes(object, encoding), signatureBytes);
    } catch (InvalidJsonException e) {
      return false;
    }
  }

  /** The bytes that a signature of this object covers. */
  public static byte[] signedBytes(ObjectNode object, Function<JsonNode, byte[]> encoding) {
    ObjectNode covered = Json.object();
    covered.setAll(object);
    covered.remove("signatures");
    covered.remove("unsigned");
    return encoding.apply(covered);
  }
}
