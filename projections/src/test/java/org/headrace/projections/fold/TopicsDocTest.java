package org.headrace.projections.fold;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.TypingRecord;
import org.headrace.schema.tick.Tick;
import org.junit.jupiter.api.Test;

/** The examples of docs/topics.md are what is on the topics. */
class TopicsDocTest {
  private static final Path DOC = Path.of("../docs/topics.md");
  private static final Pattern EXAMPLE = Pattern.compile("```json (\\w+)\n(.*)\n```");
  private static final Map<String, Class<?>> TYPES =
      Map.ofEntries(
          Map.entry("RoomCommand", RoomCommand.class),
          Map.entry("RoomRecord", RoomRecord.class),
          Map.entry("ObjectNode", ObjectNode.class),
          Map.entry("RoomEffect", RoomEffect.class),
          Map.entry("TypingRecord", TypingRecord.class),
          Map.entry("ReceiptRecord", ReceiptRecord.class),
          Map.entry("PresenceRecord", PresenceRecord.class),
          Map.entry("AccountCommand", AccountCommand.class),
          Map.entry("AccountRecord", AccountRecord.class),
          Map.entry("AccountItem", AccountItem.class),
          Map.entry("Tick", Tick.class));

  /** An example and what it says it is. */
  private record Example(String type, String json) {}

  @Test
  void examplesDecodeAndEncodeToThemselves() throws IOException {
    List<Example> examples = examples();
    assertThat(examples).extracting(Example::type).containsAll(TYPES.keySet());
    for (Example example : examples) {
      Class<?> type = TYPES.get(example.type());
      assertThat(type).as(example.type()).isNotNull();
      byte[] bytes = example.json().getBytes(StandardCharsets.UTF_8);
      Object value = LogJson.decode(bytes, type);
      assertThat(new String(LogJson.encode(value), StandardCharsets.UTF_8))
          .isEqualTo(example.json());
    }
  }

  @Test
  void foldsTheExamples() throws IOException {
    int rows = 0;
    for (Example example : examples()) {
      Object value =
          LogJson.decode(
              example.json().getBytes(StandardCharsets.UTF_8), TYPES.get(example.type()));
      rows +=
          switch (value) {
            case RoomRecord record -> RoomFold.fold(record).size();
            case AccountRecord record -> AccountFold.fold(record).size();
            case AccountItem item -> AccountFold.item(item).size();
            default -> 0;
          };
    }
    assertThat(rows).isPositive();
  }

  @Test
  void namesEveryTopic() throws IOException {
    String doc = Files.readString(DOC);
    for (Topic topic : Topic.values()) {
      assertThat(doc).contains("| `" + topic.topicName() + "` |");
    }
  }

  private static List<Example> examples() throws IOException {
    List<Example> examples = new ArrayList<>();
    Matcher matcher = EXAMPLE.matcher(Files.readString(DOC));
    while (matcher.find()) {
      examples.add(new Example(matcher.group(1), matcher.group(2)));
    }
    return examples;
  }
}
