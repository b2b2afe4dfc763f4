package org.headrace.federation.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;

class DnsSrvLookupTest {
  @Test
  void readsTheRecordsOfANameServer() throws Exception {
    try (NameServer server = new NameServer()) {
      SrvLookup lookup = new DnsSrvLookup(List.of(server.address()));
      assertThat(lookup.lookup("_matrix-fed._tcp.two.example"))
          .satisfies(
              answer -> {
                assertThat(answer.failed()).isFalse();
                assertThat(answer.records())
                    .containsExactlyInAnyOrder(
                        new SrvLookup.Record(10, 5, 8448, "one.target.example"),
                        new SrvLookup.Record(20, 0, 443, "two.target.example"));
              });
      assertThat(lookup.lookup("_matrix-fed._tcp.closed.example").records())
          .containsExactly(new SrvLookup.Record(0, 0, 0, ""));
    }
  }

  @Test
  void tellsThatThereIsNoneFromThatNobodyKnows() throws Exception {
    try (NameServer server = new NameServer()) {
      SrvLookup lookup = new DnsSrvLookup(List.of(server.address()));
      assertThat(lookup.lookup("_matrix-fed._tcp.none.example")).isEqualTo(SrvLookup.Answer.NONE);
      assertThat(lookup.lookup("_matrix-fed._tcp.empty.example")).isEqualTo(SrvLookup.Answer.NONE);
      assertThat(lookup.lookup("_matrix-fed._tcp.failing.example"))
          .isEqualTo(SrvLookup.Answer.FAILED);
    }
  }

  @Test
  void aNameServerThatIsSilentOrAwayIsNotWaitedForLong() throws Exception {
    InetSocketAddress away;
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      away = new InetSocketAddress("127.0.0.1", silent.getLocalPort());
      assertThat(new DnsSrvLookup(List.of(away)).lookup("_matrix._tcp.a.example"))
          .isEqualTo(SrvLookup.Answer.FAILED);
    }
    assertThat(new DnsSrvLookup(List.of(away)).lookup("_matrix._tcp.a.example"))
        .isEqualTo(SrvLookup.Answer.FAILED);
  }

  @Test
  void aNameThatIsTooLongHasNone() {
    InetSocketAddress nobody = new InetSocketAddress("127.0.0.1", 9);
    String longName = "x".repeat(70) + ".example";
    assertThat(new DnsSrvLookup(List.of(nobody)).lookup("_matrix._tcp." + longName))
        .isEqualTo(SrvLookup.Answer.NONE);
  }

  /** Answers over UDP for a few names. */
  private static final class NameServer implements AutoCloseable {
    private final DatagramSocket socket;

    NameServer() throws IOException {
      socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
      Thread.ofPlatform().daemon().start(this::serve);
    }

    InetSocketAddress address() {
      return new InetSocketAddress("127.0.0.1", socket.getLocalPort());
    }

    private void serve() {
      try {
        while (true) {
          DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
          socket.receive(packet);
          byte[] query = new byte[packet.getLength()];
          System.arraycopy(packet.getData(), 0, query, 0, query.length);
          byte[] answer = answer(new Message(query)).toWire();
          socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (IOException e) {
        // It was closed.
      }
    }

    private static Message answer(Message query) throws IOException {
      Record question = query.getQuestion();
      Message answer = new Message(query.getHeader().getID());
      answer.getHeader().setFlag(Flags.QR);
      answer.addRecord(question, Section.QUESTION);
      switch (question.getName().toString(true)) {
        case "_matrix-fed._tcp.two.example" -> {
          answer.addRecord(srv(question, 10, 5, 8448, "one.target.example."), Section.ANSWER);
          answer.addRecord(srv(question, 20, 0, 443, "two.target.example."), Section.ANSWER);
        }
        case "_matrix-fed._tcp.closed.example" ->
            answer.addRecord(srv(question, 0, 0, 0, "."), Section.ANSWER);
        case "_matrix-fed._tcp.empty.example" -> answer.getHeader().setRcode(Rcode.NOERROR);
        case "_matrix-fed._tcp.failing.example" -> answer.getHeader().setRcode(Rcode.SERVFAIL);
        default -> answer.getHeader().setRcode(Rcode.NXDOMAIN);
      }
      return answer;
    }

    private static Record srv(Record question, int priority, int weight, int port, String target)
        throws IOException {
      return new SRVRecord(
          question.getName(), DClass.IN, 60, priority, weight, port, Name.fromString(target));
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
