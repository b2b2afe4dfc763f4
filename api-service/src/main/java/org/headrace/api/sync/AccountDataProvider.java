package org.headrace.api.sync;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Objects;
import org.headrace.core.filter.EventFilter;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.jspecify.annotations.Nullable;

/** Account data that changed in a window of the account's items: global, or of a room. */
@Singleton
public class AccountDataProvider {
  private final AccountsView accounts;

  @Inject
  public AccountDataProvider(AccountsView accounts) {
    this.accounts = accounts;
  }

  /** One read for a whole sync; {@link #events} picks from it. */
  List<AccountItem.AccountData> changed(UserId user, Position after, Position upTo) {
    return upTo.isAfter(after) ? accounts.accountDataChanged(user, after, upTo) : List.of();
  }

  /** Events of a room, or the global ones if it is null. */
  static List<ObjectNode> events(
      List<AccountItem.AccountData> changed, @Nullable RoomId room, EventFilter filter) {
    return changed.stream()
        .filter(data -> Objects.equals(data.room(), room))
        .map(AccountDataProvider::event)
        .filter(filter::matches)
        .toList();
  }

  private static ObjectNode event(AccountItem.AccountData data) {
    ObjectNode event = Json.object().put("type", data.type());
    event.set("content", data.content());
    return event;
  }
}
