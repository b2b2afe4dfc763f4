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
import org.headrace.federation.net.AddressRange;

/**
 * What an operator says of federation, for the whole deployment.
 *
 * @param caFiles certificate authorities that are trusted besides the system's
 * @param addresses which may be connected to
 * @param policy of tenants that have none of their own
 * @param delegate where other servers find this deployment's, if not where their names say
 */
public record FederationOptions(
    List<Path> caFiles,
    AddressPolicy addresses,
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
    return new FederationOptions(
        list(given, Setting.FEDERATION_CA).stream().map(Path::of).toList(),
        AddressPolicy.publicOnly()
            .opening(ranges(given, Setting.FEDERATION_ADDRESSES))
            .closing(ranges(given, Setting.FEDERATION_REFUSED_ADDRESSES)),
        new FederationPolicy(
            !allowed.isEmpty(), allowed, list(given, Setting.FEDERATION_DENY), List.of()),
        List.copyOf(notaries),
        delegate == null ? Optional.empty() : Optional.of(Settings.serverName(delegate)));
  }

  FederationSettings clientSettings() {
    return FederationSettings.DEFAULT
        .withAddresses(addresses)
        .withCaCertificates(caFiles)
        .withNotaries(notaries);
  }

  private static List<AddressRange> ranges(Map<Setting, String> given, Setting setting)
      throws StartException {
    return ranges(list(given, setting), setting.key());
  }

  /**
   * The ranges of these texts.
   *
   * @param name of the setting or option that has them
   */
  static List<AddressRange> ranges(List<String> texts, String name) throws StartException {
    try {
      return texts.stream().map(AddressRange::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new StartException(name + " must be ranges such as 10.0.0.0/8");
    }
  }

  private static List<String> list(Map<Setting, String> given, Setting setting) {
    return Arrays.stream(given.getOrDefault(setting, "").split(","))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .toList();
  }
}
