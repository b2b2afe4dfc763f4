package org.headrace.topology.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

/** What keeps output from being lost, as Kafka Streams understands the settings (design D2). */
class StreamsAppTest {
  private static final StreamsConfig SETTINGS =
      new StreamsConfig(
          StreamsApp.settings(
              "app",
              Map.of("bootstrap.servers", "127.0.0.1:1"),
              Path.of("streams"),
              new StreamsApp.Member("node", 1, 0),
              StreamsApp.Begin.NONE));

  @Test
  void outputThatIsNotStoredInTimeFailsItsTask() {
    assertThat(SETTINGS.productionExceptionHandler()).isInstanceOf(FailOnOutputError.class);
    Map<String, Object> producer = SETTINGS.getProducerConfigs("app");
    assertThat(producer)
        .containsEntry(ProducerConfig.ACKS_CONFIG, "all")
        .containsEntry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);
  }

  @Test
  void whereItBeginsIsNotLeftToChance() {
    assertThat(SETTINGS.getMainConsumerConfigs("app", "id", 0))
        .containsEntry(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
  }
}
