package org.headrace.standalone.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which brokers a command works with. */
final class KafkaOptions {
  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT,…",
      description = "brokers of your own instead of the one inside (HEADRACE_KAFKA)")
  @Nullable String kafka;

  @Option(
      names = "--kafka-config",
      paramLabel = "PATH",
      description =
          "Kafka's security.…, ssl.… and sasl.… settings of the connections to them: a file, or a"
              + " folder with a file for each (HEADRACE_KAFKA_CONFIG)")
  @Nullable String kafkaConfig;

  void put(Map<Setting, String> flags) {
    FolderOptions.put(flags, Setting.KAFKA, kafka);
    FolderOptions.put(flags, Setting.KAFKA_CONFIG, kafkaConfig);
  }
}
