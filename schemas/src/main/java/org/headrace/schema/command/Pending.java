package org.headrace.schema.command;

/**
 * The outcome of a command that had to wait for another server comes under an id of its own, which
 * follows from the command's (design D7).
 */
public final class Pending {
  /** The member of a result that holds the id to wait for instead. */
  public static final String MEMBER = "pending";

  private static final String SUFFIX = "/pending";

  private Pending() {}

  /** The id of the effect of this command, and of the outcome in the end. */
  public static String idOf(String commandId) {
    return commandId + SUFFIX;
  }
}
