package org.headrace.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
    refused(Map.of(Setting.CONFIG, data.resolve("none").toString()), "cannot read");
    Files.writeString(data.resolve("headrace.properties"), "prot=1\n");
    refused(Map.of(Setting.DATA, data.toString()), "unknown key: prot");
  }

  private static void refused(Map<Setting, String> flags, String why) {
    assertThatThrownBy(() -> Settings.resolve(flags, Map.of()))
        .isInstanceOf(StartException.class)
        .hasMessageContaining(why)
        .message()
        .hasLineCount(1);
  }
}
