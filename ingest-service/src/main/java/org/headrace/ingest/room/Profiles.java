package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.tenant.Tenants;

/** What member events carry of a user's profile. */
@ApplicationScoped
public class Profiles {
  private static final String[] FIELDS = {"displayname", "avatar_url"};

  @Inject AccountsView accounts;
  @Inject Tenants tenants;

  /**
   * A new object with the user's displayname and avatar_url, as far as they are known here. While
   * the views are away they are not: the account tells a room that its user joins what is missing
   * (docs/contract.md).
   */
  public ObjectNode memberContent(UserId user) {
    ObjectNode content = Json.object();
    if (tenants.isHosted(user.server())) {
      Map<String, String> profile = profile(user);
      for (String field : FIELDS) {
        String value = profile.get(field);
        if (value != null) {
          content.put(field, value);
        }
      }
    }
    return content;
  }

  private Map<String, String> profile(UserId user) {
    try {
      return accounts.profile(user);
    } catch (ViewsUnavailableException e) {
      return Map.of();
    }
  }
}
