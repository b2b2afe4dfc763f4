package org.headrace.standalone.k8s;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Secrets that are there though no manifest holds them, each with the keys that it has. */
final class Secrets {
  /** Of which keys only whoever makes the Secret knows. */
  static final Set<String> ANY = Set.of("*");

  private static final Pattern BY_HAND = Pattern.compile("\\| Secret `([^`]+)` \\|.*");

  private Secrets() {}

  /** Those that operators make of their resources, and those that docs/kubernetes.md asks for. */
  static Map<String, Set<String>> of(Manifests manifests) throws IOException {
    Map<String, Set<String>> secrets = new TreeMap<>();
    for (Manifest user : manifests.ofKind("KafkaUser")) {
      secrets.put(user.name(), Set.of("password", "sasl.jaas.config"));
    }
    for (Manifest kafka : manifests.ofKind("Kafka")) {
      secrets.put(kafka.name() + "-cluster-ca-cert", Set.of("ca.crt", "ca.p12", "ca.password"));
    }
    for (Manifest cassandra : manifests.ofKind("K8ssandraCluster")) {
      secrets.put(cassandra.name() + "-superuser", Set.of("username", "password"));
    }
    for (String line : Files.readAllLines(Manifests.ROOT.resolve("docs/kubernetes.md"))) {
      Matcher row = BY_HAND.matcher(line);
      if (row.matches()) {
        secrets.put(row.group(1), ANY);
      }
    }
    return secrets;
  }
}
