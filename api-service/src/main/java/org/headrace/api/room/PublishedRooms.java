package org.headrace.api.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.RoomsView;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's published room directory, for clients and other servers ("Published Room Directory"),
 * the largest rooms first.
 */
@Singleton
public class PublishedRooms {
  /** Rooms of one directory that are looked at. */
  private static final int ROOMS_MAX = 10_000;

  /** Rooms of one page, and where the request does not say. */
  public static final int PAGE_MAX = 500;

  private final AccountsView accounts;
  private final RoomsView rooms;
  private final RoomSummaries summaries;

  @Inject
  public PublishedRooms(AccountsView accounts, RoomsView rooms, RoomSummaries summaries) {
    this.accounts = accounts;
    this.rooms = rooms;
    this.summaries = summaries;
  }

  /**
   * What is asked for.
   *
   * @param limit rooms of a page; 0: as many as there may be
   * @param since the page's token, or empty
   * @param filter {@code generic_search_term} and {@code room_types}
   */
  public record Query(long limit, String since, ObjectNode filter) {
    public static Query of(JsonBody body) {
      return new Query(
          body.optionalInteger("limit").orElse(0L),
          body.optionalString("since").orElse(""),
          body.optionalObject("filter").map(JsonBody::json).orElseGet(Json::object));
    }

    ObjectNode json() {
      ObjectNode json = Json.object();
      if (limit > 0) {
        json.put("limit", limit);
      }
      if (!since.isEmpty()) {
        json.put("since", since);
      }
      return filter.isEmpty() ? json : json.set("filter", filter);
    }
  }

  /** {@code {chunk, next_batch, prev_batch, total_room_count_estimate}}. */
  public ObjectNode page(ServerName tenant, Query query) {
    int from = offset(query.since());
    List<ObjectNode> all = new ArrayList<>();
    for (RoomId id : accounts.listed(tenant, ROOMS_MAX)) {
      rooms
          .room(id)
          .filter(room -> rooms.isJoined(id, tenant))
          .map(summaries::summary)
          .filter(summary -> matches(summary, query.filter()))
          .ifPresent(all::add);
    }
    all.sort(
        Comparator.comparingInt((ObjectNode room) -> room.path("num_joined_members").asInt())
            .reversed()
            .thenComparing(room -> room.path("room_id").asText()));
    int size = (int) (query.limit() > 0 ? Math.min(query.limit(), PAGE_MAX) : PAGE_MAX);
    int start = Math.min(from, all.size());
    int end = Math.min(all.size(), start + size);
    ObjectNode json = Json.object();
    ArrayNode chunk = json.putArray("chunk");
    all.subList(start, end).forEach(chunk::add);
    if (end < all.size()) {
      json.put("next_batch", Integer.toString(end));
    }
    if (start > 0) {
      json.put("prev_batch", Integer.toString(Math.max(0, start - size)));
    }
    json.put("total_room_count_estimate", all.size());
    return json;
  }

  private static int offset(String since) {
    if (since.isEmpty()) {
      return 0;
    }
    try {
      int offset = Integer.parseInt(since);
      if (offset >= 0) {
        return offset;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw MatrixError.invalidParam("since is no token of this server");
  }

  private static boolean matches(ObjectNode summary, ObjectNode filter) {
    String term = filter.path("generic_search_term").asText("").toLowerCase(Locale.ROOT);
    boolean named =
        term.isEmpty()
            || contains(summary, "name", term)
            || contains(summary, "topic", term)
            || contains(summary, "canonical_alias", term);
    JsonNode types = filter.path("room_types");
    return named && (!types.isArray() || isOneOf(types, summary.get("room_type")));
  }

  private static boolean contains(ObjectNode summary, String member, String term) {
    return summary.path(member).asText("").toLowerCase(Locale.ROOT).contains(term);
  }

  /** {@code null} among the types stands for rooms without one. */
  private static boolean isOneOf(JsonNode types, @Nullable JsonNode type) {
    for (JsonNode wanted : types) {
      boolean same = type == null ? wanted.isNull() : wanted.equals(type);
      if (same) {
        return true;
      }
    }
    return false;
  }

  /** The tenant whose directory a client means: that of {@code server}, if it is hosted. */
  static Optional<ServerName> named(@Nullable String server) {
    if (server == null || server.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ServerName(server));
    } catch (InvalidIdException e) {
      throw MatrixError.invalidParam("server is not a server name");
    }
  }
}
