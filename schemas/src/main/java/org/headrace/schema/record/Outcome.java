package org.headrace.schema.record;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What became of a command. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Outcome.Done.class, name = "done"),
  @JsonSubTypes.Type(value = Outcome.Failed.class, name = "failed"),
})
public sealed interface Outcome {
  /** It was done, or had been; {@code result} is as the command's documentation says. */
  record Done(ObjectNode result) implements Outcome {}

  /** It was refused and changed nothing; {@code message} can be shown to a client. */
  record Failed(Failure failure, String message) implements Outcome {}
}
