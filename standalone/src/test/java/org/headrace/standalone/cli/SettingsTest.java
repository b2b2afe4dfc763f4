package org.headrace.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.headrace.federation.net.AddressPolicy;
import org.headrace.standalone.app.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path data;

  @Test
  void defaultsAreForOnePersonOnThisMachine() throws Exception {
    Settings settings = Settings.resolve(Map.of(), Map.of());
    assertThat(settings.serverName()).isEmpty();
    assertThat(settings.port()).isEqualTo(8008);
    assertThat(settings.bind()).isEqualTo("127.0.0.1");
    assertThat(settings.data()).isEqualTo(Path.of("data").toAbsolutePath());
    assertThat(settings.openRegistration()).isFalse();
    assertThat(settings.flushCommands()).isTrue();
    assertThat(settings.presence()).isTrue();
  }

  @Test
  void aFlagGoesBeforeAVariableAndThatBeforeTheFile() throws Exception {
    Files.writeString(
        data.resolve("headrace.properties"), "port=1\nbind=::1\nopen-registration=true\n");
    Map<Setting, String> folder = Map.of(Setting.DATA, data.toString());
    assertThat(Settings.resolve(folder, Map.of()).port()).isEqualTo(1);
    assertThat(Settings.resolve(folder, Map.of("HEADRACE_PORT", "2")).port()).isEqualTo(2);
    Settings flagged =
        Settings.resolve(
            Map.of(Setting.DATA, data.toString(), Setting.PORT, "3"),
            Map.of("HEADRACE_PORT", "2", "HEADRACE_OPEN_REGISTRATION", "false"));
    assertThat(flagged.port()).isEqualTo(3);
    assertThat(flagged.bind()).isEqualTo("::1");
    assertThat(flagged.openRegistration()).isFalse();
    assertThat(Settings.resolve(Map.of(Setting.PRESENCE, "off"), Map.of()).presence()).isFalse();
  }

  @Test
  void aNamedFileMaySayWhereTheDataIs() throws Exception {
    Path file = data.resolve("elsewhere.properties");
    Files.writeString(file, "data=" + data.resolve("d") + "\nserver-name=example.org:8448\n");
    Settings settings = Settings.resolve(Map.of(Setting.CONFIG, file.toString()), Map.of());
    assertThat(settings.data()).isEqualTo(data.resolve("d"));
    assertThat(settings.serverName().orElseThrow().value()).isEqualTo("example.org:8448");
  }

  @Test
  void mistakesAreSaidInOneLine() throws Exception {
    refused(Map.of(Setting.PORT, "70000"), "not a port");
    refused(Map.of(Setting.PORT, "http"), "not a port");
    refused(Map.of(Setting.SERVER_NAME, "a b"), "not a server name");
    refused(Map.of(Setting.OPEN_REGISTRATION, "perhaps"), "true or false");
    refused(Map.of(Setting.PRESENCE, "perhaps"), "on or off");
    refused(Map.of(Setting.CONFIG, data.resolve("none").toString()), "cannot read");
    Files.writeString(data.resolve("headrace.properties"), "prot=1\n");
    refused(Map.of(Setting.DATA, data.toString()), "unknown key: prot");
  }

  @Test
  void rangesOfAddressesAreOpenedAndRefused() throws Exception {
    AddressPolicy addresses =
        Settings.resolve(
                Map.of(
                    Setting.FEDERATION_ADDRESSES, "10.0.0.0/8",
                    Setting.FEDERATION_REFUSED_ADDRESSES, "10.9.0.0/16, 1.1.1.0/24"),
                Map.of())
            .federation()
            .clientSettings()
            .addresses();
    assertThat(addresses.allows(InetAddress.ofLiteral("10.1.0.1"))).isTrue();
    assertThat(addresses.allows(InetAddress.ofLiteral("10.9.0.1"))).isFalse();
    assertThat(addresses.allows(InetAddress.ofLiteral("1.1.1.1"))).isFalse();
    assertThat(addresses.allows(InetAddress.ofLiteral("1.1.2.1"))).isTrue();
    refused(Map.of(Setting.FEDERATION_ADDRESSES, "10.0.0.0/33"), "federation-addresses must be");
    refused(
        Map.of(Setting.FEDERATION_REFUSED_ADDRESSES, "example.org"),
        "federation-refused-addresses must be");
  }

  @Test
  void withoutBrokersElsewhereItIsAWholeDeployment() throws Exception {
    assertThat(Settings.resolve(Map.of(), Map.of()).cluster()).isEmpty();
    refused(Map.of(Setting.ROLES, "rooms"), "--roles needs --kafka");
    refused(Map.of(Setting.STANDBYS, "1"), "--standbys needs --kafka");
    refused(Map.of(Setting.KAFKA_CONFIG, "x"), "--kafka-config needs --kafka");
  }

  @Test
  void aProcessHasTheRolesThatItIsGivenOrAll() throws Exception {
    ClusterOptions all = cluster(Map.of());
    assertThat(all.roles()).isEqualTo(Role.all());
    ClusterOptions some = cluster(Map.of(Setting.ROLES, "rooms, accounts", Setting.NODE, "n-1"));
    assertThat(some.roles()).containsExactlyInAnyOrder(Role.ROOMS, Role.ACCOUNTS);
    assertThat(some.node()).isEqualTo("n-1");
    refused(kafka(Map.of(Setting.ROLES, "rooms,room")), "no such role: room");
    refused(kafka(Map.of(Setting.NODE, "a b")), "not a node's name");
    refused(kafka(Map.of(Setting.STANDBYS, "-1")), "a number from 0 to 10");
    refused(kafka(Map.of(Setting.KAFKA, "nohost")), "must be host:port");
    refused(kafka(Map.of(Setting.UNSAFE_NO_FLUSH, "true")), "the brokers are elsewhere");
  }

  @Test
  void whoReadsViewsMakesThemOrSaysWhereTheyAre() throws Exception {
    refused(kafka(Map.of(Setting.ROLES, "api")), "api read views: say where");
    refused(kafka(Map.of(Setting.ROLES, "projector")), "of use to nobody");
    assertThat(cluster(Map.of(Setting.ROLES, "rooms")).cassandra()).isEmpty();
    var cassandra =
        Map.of(
            Setting.ROLES, "api", Setting.CASSANDRA, "127.0.0.1:9042", Setting.MEDIA, "/srv/media");
    assertThat(cluster(cassandra).cassandra().orElseThrow().keyspace()).isEqualTo("headrace");
  }

  @Test
  void whoTakesUploadsAndWhoAnswersWithThemShareAFolder() throws Exception {
    String cassandra = "127.0.0.1:9042";
    for (Map<Setting, String> without :
        List.of(
            Map.of(Setting.ROLES, "ingest,projector"),
            Map.of(Setting.ROLES, "api,projector"),
            Map.of(Setting.ROLES, "ingest,api", Setting.CASSANDRA, cassandra),
            Map.of(Setting.CASSANDRA, cassandra))) {
      // Commands of the owner read the same settings.
      Settings settings = Settings.resolve(kafka(without), Map.of());
      assertThatThrownBy(settings::requireMedia)
          .isInstanceOf(StartException.class)
          .hasMessageContaining("name the folder that they share with --media");
      Map<Setting, String> with = kafka(without);
      with.put(Setting.MEDIA, "/srv/media");
      assertThat(Settings.resolve(with, Map.of()).requireMedia().media())
          .contains(Path.of("/srv/media"));
    }
    for (Map<Setting, String> alone :
        List.of(
            Map.<Setting, String>of(),
            Map.of(Setting.ROLES, "rooms"),
            Map.of(Setting.ROLES, "projector,federation", Setting.CASSANDRA, cassandra))) {
      assertThat(Settings.resolve(kafka(alone), Map.of()).requireMedia().media()).isEmpty();
    }
    assertThat(Settings.resolve(Map.of(), Map.of()).requireMedia().media()).isEmpty();
    refused(Map.of(Setting.MEDIA, "/srv/media"), "--media needs --kafka");
  }

  @Test
  void howToSpeakToCassandraIsInAFile() throws Exception {
    Path file = data.resolve("cassandra.properties");
    Map<Setting, String> given =
        Map.of(Setting.CASSANDRA, "c1:9042,c2:9042", Setting.CASSANDRA_CONFIG, file.toString());
    Files.writeString(
        file, "datacenter=dc1\nrole=headrace\npassword=secret\nread-consistency=local_one\n");
    var settings = cluster(given).cassandra().orElseThrow();
    assertThat(settings.localDatacenter()).isEqualTo("dc1");
    assertThat(settings.contactPoints()).hasSize(2);
    assertThat(settings.toString()).doesNotContain("secret");
    Files.writeString(file, "role=headrace\n");
    refused(kafka(given), "both role and password");
    Files.writeString(file, "passwort=x\n");
    refused(kafka(given), "unknown key: passwort");
    Files.writeString(file, "read-consistency=most\n");
    refused(kafka(given), "read-consistency is one of");
    Files.writeString(file, "keyspace=Head race\n");
    refused(kafka(given), "a keyspace is named by");
  }

  @Test
  void takesCassandrasSettingsFromAFolderWithAFileForEach() throws Exception {
    Path folder = Files.createDirectory(data.resolve("cassandra"));
    Files.createDirectory(folder.resolve("..2026_11_26"));
    Files.writeString(folder.resolve("datacenter"), "dc1\n");
    Files.writeString(folder.resolve("role"), "headrace");
    Files.writeString(folder.resolve("password"), "secret\n");
    Map<Setting, String> given =
        Map.of(Setting.CASSANDRA, "c1:9042", Setting.CASSANDRA_CONFIG, folder.toString());
    var settings = cluster(given).cassandra().orElseThrow();
    assertThat(settings.localDatacenter()).isEqualTo("dc1");
    assertThat(settings.login().orElseThrow().password()).isEqualTo("secret");
    Files.writeString(folder.resolve("passwort"), "x");
    refused(kafka(given), "unknown key: passwort");
  }

  @Test
  void howToBeKnownToTheBrokersIsInAFile() throws Exception {
    Path file = data.resolve("kafka.properties");
    Files.writeString(file, "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n");
    ClusterOptions options = cluster(Map.of(Setting.KAFKA_CONFIG, file.toString()));
    assertThat(options.kafka().clientConfig())
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("bootstrap.servers", "127.0.0.1:9092");
    Files.writeString(file, "acks=0\n");
    refused(kafka(Map.of(Setting.KAFKA_CONFIG, file.toString())), "acks is none of");
  }

  @Test
  void takesKafkasSettingsFromAFolderWithAFileForEach() throws Exception {
    Path folder = Files.createDirectory(data.resolve("kafka"));
    Files.createDirectory(folder.resolve("..2026_11_26"));
    Files.writeString(folder.resolve("security.protocol"), "SASL_SSL\n");
    Files.writeString(folder.resolve("sasl.jaas.config"), "login required;");
    ClusterOptions options = cluster(Map.of(Setting.KAFKA_CONFIG, folder.toString()));
    assertThat(options.kafka().clientConfig())
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.jaas.config", "login required;");
    assertThat(options.toString()).doesNotContain("login");
    Files.writeString(folder.resolve("acks"), "1");
    refused(kafka(Map.of(Setting.KAFKA_CONFIG, folder.toString())), "acks is none of");
  }

  private static ClusterOptions cluster(Map<Setting, String> more) throws StartException {
    return Settings.resolve(kafka(more), Map.of()).cluster().orElseThrow();
  }

  private static Map<Setting, String> kafka(Map<Setting, String> more) {
    Map<Setting, String> given = new EnumMap<>(Setting.class);
    given.put(Setting.KAFKA, "127.0.0.1:9092");
    given.putAll(more);
    return given;
  }

  private static void refused(Map<Setting, String> flags, String why) {
    assertThatThrownBy(() -> Settings.resolve(flags, Map.of()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining(why)
        .message()
        .hasLineCount(1);
  }
}
