package org.headrace.schema.record;

/**
 * What a user's cross-signing key is for, as keys are named (client-server API, "Cross-signing").
 */
public final class KeyPurpose {
  public static final String MASTER = "master";
  public static final String SELF_SIGNING = "self_signing";
  public static final String USER_SIGNING = "user_signing";

  private KeyPurpose() {}
}
