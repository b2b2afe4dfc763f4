package org.headrace.conformance.openapi;

/**
 * One response that is not what the specification declares.
 *
 * @param operation method and path template (or path, where none is declared)
 * @param pointer JSON pointer into the body, or what else was looked at ("status", "header …")
 */
public record Violation(String operation, int status, String pointer, String text, String body) {
  private static final int BODY_SHOWN_CHARS = 300;

  @Override
  public String toString() {
    String shown =
        body.length() > BODY_SHOWN_CHARS ? body.substring(0, BODY_SHOWN_CHARS) + "…" : body;
    return operation + " → " + status + " at " + pointer + ": " + text + "\n    " + shown;
  }
}
