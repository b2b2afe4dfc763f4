package org.headrace.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {
  private static final Partitions PARTITIONS = new Partitions(2, 2);

  @TempDir Path data;

  @Test
  void keepsWhatItAcknowledgedOverKillNine() throws Exception {
    Process child = child();
    try (BufferedReader output = child.inputReader()) {
      assertThat(output.lines().anyMatch("acknowledged"::equals)).isTrue();
    } finally {
      child.destroyForcibly();
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    try (EmbeddedBroker broker = EmbeddedBroker.start(data)) {
      assertThat(read(broker.access(), Topic.ROOM_COMMANDS)).containsExactly("first", "second");
      TopicCatalogue.ensure(broker.access().clientConfig(), PARTITIONS, true);
    }
  }

  @Test
  void makesTheTopicsAsTheirRetentionSays() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(data)) {
      Map<String, Object> client = broker.access().clientConfig();
      TopicCatalogue.ensure(client, PARTITIONS, true);
      assertThat(setting(client, Topic.ROOM_COMMANDS, "flush.messages")).isEqualTo("1");
      assertThat(setting(client, Topic.ROOM_LOG, "retention.ms")).isEqualTo("-1");
      assertThat(setting(client, Topic.ROOM_LOG, "cleanup.policy")).isEqualTo("delete");
      assertThat(setting(client, Topic.ROOM_BODIES, "cleanup.policy")).isEqualTo("compact");
      TopicCatalogue.ensure(client, PARTITIONS, false);
      // The broker takes a changed setting over from its controller, some time after it is made.
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (setting(client, Topic.ROOM_COMMANDS, "flush.messages").equals("1")) {
        assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
      }
    }
  }

  @Test
  void letsNobodyInWithoutTheSecret() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(data)) {
      Path secret = data.resolve("broker-secret");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
          .isEqualTo("rw-------");
      BrokerAccess guess = new BrokerAccess(broker.access().port(), "guess");
      try (Admin admin = Admin.create(guess.clientConfig())) {
        assertThatThrownBy(() -> admin.listTopics().names().get())
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(SaslAuthenticationException.class);
      }
    }
  }

  private static String setting(Map<String, Object> client, Topic topic, String name)
      throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
    try (Admin admin = Admin.create(client)) {
      Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      return config.get(name).value();
    }
  }

  private static List<String> read(BrokerAccess access, Topic topic) {
    Map<String, Object> settings = new HashMap<>(access.clientConfig());
    TopicPartition first = new TopicPartition(topic.topicName(), 0);
    List<String> values = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(first));
      consumer.seekToBeginning(List.of(first));
      long end = consumer.endOffsets(List.of(first)).get(first);
      while (consumer.position(first) < end) {
        consumer.poll(Duration.ofSeconds(1)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }

  private Process child() throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            data.toString())
        .redirectErrorStream(true)
        .start();
  }

  /** A broker of its own, to be killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws Exception {
      EmbeddedBroker broker = EmbeddedBroker.start(Path.of(args[0]));
      Map<String, Object> client = broker.access().clientConfig();
      TopicCatalogue.ensure(client, PARTITIONS, true);
      try (var producer =
          new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
        for (String value : List.of("first", "second")) {
          producer
              .send(new ProducerRecord<>(Topic.ROOM_COMMANDS.topicName(), 0, "key", value))
              .get();
        }
      }
      System.out.println("acknowledged");
      System.out.flush();
      Thread.currentThread().join();
    }
  }
}
