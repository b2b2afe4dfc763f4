package org.headrace.standalone.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.id.ServerName;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.FederationSettings;
import org.headrace.federation.net.AddressPolicy;

/**
 * What an operator says of federation, for the whole deployment.
 *
 * @param caFiles certificate authorities that are trusted besides the system's
 * @param addresses private ranges that may be connected to
 * @param policy of tenants that have none of their own
 * @param delegate where other servers find this deployment's, if not where their names say
 */
public record FederationOptions(
    List<Path> caFiles,
    List<String> addresses,
    FederationPolicy policy,
    List<ServerName> notaries,
    Optional<ServerName> delegate) {

  static FederationOptions of(Map<Setting, String> given) throws StartException {
    List<String> allowed = list(given, Setting.FEDERATION_ALLOW);
    List<ServerName> notaries = new ArrayList<>();
    for (String name : list(given, Setting.FEDERATION_NOTARIES)) {
      notaries.add(Settings.serverName(name));
    }
    String delegate = given.get(Setting.FEDERATION_DELEGATE);
    List<String> addresses = list(given, Setting.FEDERATION_ADDRESSES);
    try {
      AddressPolicy.publicOnly().opening(addresses.toArray(new String[0]));
    } catch (IllegalArgumentException e) {
      throw new StartException(
          Setting.FEDERATION_ADDRESSES.key() + " must be ranges such as 10.0.0.0/8");
    }
    return new FederationOptions(
        list(given, Setting.FEDERATION_CA).stream().map(Path::of).toList(),
        addresses,
        new FederationPolicy(!allowed.isEmpty(), allowed, list(given, Setting.FEDERATION_DENY)),
        List.copyOf(notaries),
        delegate == null ? Optional.empty() : Optional.of(Settings.serverName(delegate)));
  }

  FederationSettings clientSettings() {
    return FederationSettings.DEFAULT
        .withAddresses(AddressPolicy.publicOnly().opening(addresses.toArray(new String[0])))
        .withCaCertificates(caFiles)
        .withNotaries(notaries);
  }

  private static List<String> list(Map<Setting, String> given, Setting setting) {
    return Arrays.stream(given.getOrDefault(setting, "").split(","))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .toList();
  }
}
