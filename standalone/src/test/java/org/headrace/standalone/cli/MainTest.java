package org.headrace.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line says before it starts anything. */
class MainTest {
  @TempDir Path folder;

  private record Said(int exit, String out, String err) {}

  @Test
  void helpTeaches() {
    Said help = say("run", "--help");
    assertThat(help.exit()).isZero();
    assertThat(help.out())
        .contains(
            "--server-name", "--port", "--bind", "--data", "--open-registration", "HEADRACE_");
    assertThat(say("--help").out()).contains("run", "tenant", "user");
  }

  @Test
  void aPortInUseIsSaidInOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      fails("port " + port + " is in use", "run", "--port", port, "--data", data());
    }
  }

  @Test
  void aTenantSaysWhomItSpeaksWith() {
    assertThat(say("tenant", "add", "here.example", "--data", data()).exit()).isZero();
    String[] change = {
      "tenant",
      "federation",
      "here.example",
      "--closed",
      "--allow",
      "*.gov.example",
      "--refuse-addresses",
      "198.18.0.0/15",
      "--refuse-addresses",
      "2001:db8::/32",
      "--data",
      data()
    };
    String said = "closed  allowed: *.gov.example  refused: 198.18.0.0/15 2001:db8::/32";
    assertThat(say(change).out()).contains(said);
    assertThat(say("tenant", "federation", "here.example", "--data", data()).out()).contains(said);
    fails(
        "--refuse-addresses must be ranges",
        "tenant",
        "federation",
        "here.example",
        "--refuse-addresses",
        "here",
        "--data",
        data());
  }

  @Test
  void aTenantIsAPolicyServerIfItIsSaid() {
    assertThat(say("tenant", "add", "here.example", "--data", data()).exit()).isZero();
    String[] show = {"tenant", "policy-server", "here.example", "--data", data()};
    assertThat(say(show).out()).contains("here.example is no policy server");
    String on = say("tenant", "policy-server", "here.example", "--on", "--data", data()).out();
    assertThat(on).contains("{\"via\":\"here.example\",\"public_keys\":{\"ed25519\":\"");
    assertThat(say(show).out()).isEqualTo(on);
    String off = say("tenant", "policy-server", "here.example", "--off", "--data", data()).out();
    assertThat(off).contains("no policy server");
    fails("not hosted here", "tenant", "policy-server", "there.example", "--data", data());
  }

  @Test
  void aFolderThatIsNoneIsSaidInOneLine() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    fails("cannot be written", "run", "--data", file.toString());
  }

  @Test
  void aNameThatTheFolderDoesNotHostIsSaidInOneLine() {
    assertThat(say("tenant", "add", "here.example", "--data", data()).exit()).isZero();
    fails(
        "does not host there.example",
        "run",
        "--data",
        data(),
        "--server-name",
        "there.example",
        "--port",
        Integer.toString(freePort()));
    assertThat(say("tenant", "add", "there.example", "--data", data()).exit()).isZero();
    assertThat(say("tenant", "list", "--data", data()).out())
        .containsSubsequence("here.example", "there.example");
    fails("is hosted here already", "tenant", "add", "here.example", "--data", data());
  }

  @Test
  void aSecondProcessOnTheFolderIsSaidInOneLine() throws Exception {
    Process holder = Holder.start(folder.resolve("data"));
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      fails("another Headrace runs", "run", "--data", data());
    } finally {
      holder.destroyForcibly().waitFor();
    }
  }

  @Test
  void aUserOfAServerNotHostedIsSaidInOneLine() {
    fails("hosts nothing yet", "user", "add", "alice", "--data", data());
    assertThat(say("tenant", "add", "here.example", "--data", data()).exit()).isZero();
    fails("is not hosted here", "user", "add", "@alice:there.example", "--data", data());
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private static int freePort() {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void fails(String why, String... args) {
    Said said = say(args);
    assertThat(said.exit()).isNotZero();
    assertThat(said.err()).contains(why).hasLineCount(1);
  }

  private static Said say(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      int exit = Main.execute(args);
      return new Said(
          exit, said.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** Another process that holds a data folder. */
  static final class Holder {
    private Holder() {}

    static Process start(Path folder) throws Exception {
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              Holder.class.getName(),
              folder.toString())
          .start();
    }

    public static void main(String[] args) throws Exception {
      DataFolder held = DataFolder.hold(Path.of(args[0]));
      System.out.println("held");
      Thread.currentThread().join();
      held.close();
    }
  }
}
