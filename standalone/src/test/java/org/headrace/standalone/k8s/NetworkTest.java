package org.headrace.standalone.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.headrace.federation.net.AddressPolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nobody speaks to anybody but as said, and only three roles speak to other servers. */
class NetworkTest {
  private static final String EACH = "org.headrace.standalone.k8s.Manifests#each";
  private static final List<String> OUTGOING = List.of("ingest", "api", "federation");

  /** Within these first octets ranges begin and end at second and third ones. */
  private static final Set<Integer> DIVIDED = Set.of(100, 169, 172, 192, 198, 203);

  private static final int[] SECOND_OCTETS = {0, 1, 127, 128, 255};
  private static final int[] THIRD_OCTETS = {0, 1, 2, 3, 99, 100, 113, 255};

  private static final List<String> V6 =
      List.of(
          "20010db8000000000000000000000001",
          "20010000000000000000000000000001",
          "200101ffffffffffffffffffffffffff",
          "20010200000000000000000000000001",
          "20024242000000000000000000000001",
          "3fff0fff000000000000000000000001",
          "3fff1000000000000000000000000001",
          "26064700000000000000000000000001",
          "fc000000000000000000000000000001",
          "fd000000000000000000000000000001",
          "fe800000000000000000000000000001",
          "ff020000000000000000000000000001",
          "00000000000000000000000000000001",
          "0064ff9b00000000000000000a000001");

  @ParameterizedTest
  @MethodSource(EACH)
  void whatIsNotSaidIsDenied(Manifests manifests) {
    assertThat(manifests.ofKind("NetworkPolicy"))
        .anySatisfy(
            policy -> {
              assertThat(policy.spec().path("podSelector")).isEmpty();
              assertThat(policy.spec().path("policyTypes").toString())
                  .isEqualTo("[\"Ingress\",\"Egress\"]");
              assertThat(policy.spec().has("ingress")).isFalse();
              assertThat(policy.spec().has("egress")).isFalse();
            });
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void onlyTheRolesThatNeedItReachOtherServers(Manifests manifests) {
    for (Manifest workload : manifests.workloads()) {
      assertThat(!outgoing(manifests, workload.podLabels()).isEmpty())
          .as("%s may leave the cluster", workload)
          .isEqualTo(OUTGOING.contains(workload.name()));
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void noRuleNamesEverybody(Manifests manifests) {
    for (Manifest policy : manifests.ofKind("NetworkPolicy")) {
      for (JsonNode rule : policy.spec().path("egress")) {
        boolean ofOperators =
            policy
                .spec()
                .path("podSelector")
                .path("matchLabels")
                .path("strimzi.io/name")
                .asText()
                .equals("headrace-entity-operator");
        assertThat(rule.path("to").isEmpty() && !ofOperators).as(policy.toString()).isFalse();
      }
      for (JsonNode rule : policy.spec().path("ingress")) {
        assertThat(rule.path("from")).as(policy.toString()).isNotEmpty();
        rule.path("from").forEach(from -> assertThat(from).as(policy.toString()).isNotEmpty());
      }
    }
  }

  /** The program refuses the same addresses by itself; each stands in for the other. */
  @ParameterizedTest
  @MethodSource(EACH)
  void otherServersAreWhereTheProgramLooksForThem(Manifests manifests) throws Exception {
    List<Block> blocks =
        outgoing(manifests, manifests.find("StatefulSet", "federation").orElseThrow().podLabels());
    List<byte[]> addresses = new ArrayList<>();
    for (int first = 0; first < 256; first++) {
      int[] seconds = DIVIDED.contains(first) ? IntStream.range(0, 256).toArray() : SECOND_OCTETS;
      for (int second : seconds) {
        for (int third : THIRD_OCTETS) {
          addresses.add(new byte[] {(byte) first, (byte) second, (byte) third, 1});
        }
      }
    }
    V6.forEach(address -> addresses.add(HexFormat.of().parseHex(address)));
    AddressPolicy program = AddressPolicy.publicOnly();
    List<String> differ = new ArrayList<>();
    for (byte[] address : addresses) {
      InetAddress asked = InetAddress.getByAddress(address);
      boolean network = blocks.stream().anyMatch(block -> block.allows(address));
      if (network != program.allows(asked)) {
        differ.add(asked.getHostAddress());
      }
    }
    assertThat(differ).isEmpty();
  }

  /** The address blocks that pods with these labels may connect to. */
  private static List<Block> outgoing(Manifests manifests, Map<String, String> podLabels) {
    List<Block> blocks = new ArrayList<>();
    for (Manifest policy : manifests.ofKind("NetworkPolicy")) {
      if (Manifest.selects(policy.spec().path("podSelector"), podLabels)) {
        for (JsonNode rule : policy.spec().path("egress")) {
          for (JsonNode to : rule.path("to")) {
            Optional.ofNullable(to.get("ipBlock")).map(Block::of).ifPresent(blocks::add);
          }
        }
      }
    }
    return blocks;
  }

  private record Block(Range all, List<Range> except) {
    static Block of(JsonNode json) {
      return new Block(
          Range.of(json.path("cidr").asText()),
          json.path("except").valueStream().map(one -> Range.of(one.asText())).toList());
    }

    boolean allows(byte[] address) {
      return all.contains(address) && except.stream().noneMatch(one -> one.contains(address));
    }
  }

  private record Range(byte[] base, int bits) {
    static Range of(String cidr) {
      String[] parts = cidr.split("/");
      try {
        return new Range(InetAddress.getByName(parts[0]).getAddress(), Integer.parseInt(parts[1]));
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(cidr, e);
      }
    }

    boolean contains(byte[] address) {
      if (base.length != address.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((base[bit / 8] & mask) != (address[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }
}
