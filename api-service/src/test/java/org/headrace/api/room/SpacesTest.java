package org.headrace.api.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.headrace.api.world.World.content;
import static org.headrace.api.world.World.user;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.headrace.api.world.World;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.TenantPolicies;
import org.headrace.federation.net.FederationException;
import org.headrace.http.MatrixError;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spaces and published rooms. */
class SpacesTest {
  private static final UserId ALICE = user("alice");
  private static final UserId BOB = user("bob");
  private static final UserId CARL = new UserId("@carl:two.example");
  private static final UserId REMOTE = new UserId("@remy:far.example");
  private static final ServerName ONE = ALICE.server();
  private static final ServerName TWO = CARL.server();
  private static final ServerName FAR = REMOTE.server();
  private static final ServerName LIAR = new ServerName("liar.example");
  private static final SpaceWalk.Bounds ALL = new SpaceWalk.Bounds(false, 10, 100);

  @TempDir Path folder;
  private World world;
  private RoomSummaries summaries;
  private SpaceRooms spaces;
  private final OtherServers others = new OtherServers();
  private SpaceWalk walk;

  /** Servers that say of each room what it is called there; others are away. */
  private static final class OtherServers implements SpaceWalk.OtherServers {
    final Map<ServerName, String> names = new HashMap<>();
    int asked;

    @Override
    public ObjectNode hierarchy(Link link, RoomId room, boolean suggestedOnly)
        throws FederationException {
      asked++;
      String name = names.get(link.destination());
      if (name == null) {
        throw new FederationException(FederationException.Reason.UNREACHABLE, "away");
      }
      ObjectNode answer = Json.object();
      answer
          .putObject("room")
          .put("room_id", room.value())
          .put("join_rule", "public")
          .put("name", name);
      return answer;
    }
  }

  @BeforeEach
  void open() {
    world = new World(folder);
    var views = world.views;
    summaries = new RoomSummaries(views.rooms(), views.state(), views.timeline(), world.events);
    spaces = new SpaceRooms(views.rooms(), summaries);
    walk = walk(FederationPolicy.OPEN);
  }

  /** For two tenants, of which this is the second's policy. */
  private SpaceWalk walk(FederationPolicy ofTwo) {
    var policies = new TenantPolicies(Map.of(ONE, FederationPolicy.OPEN, TWO, ofTwo));
    return new SpaceWalk(spaces, policies, others, world.clock, true);
  }

  @AfterEach
  void close() throws Exception {
    world.close();
  }

  private RoomId space(UserId creator) {
    return world.room(creator, "shared", Json.object().put("type", "m.space"));
  }

  private void child(RoomId space, UserId sender, RoomId child, ServerName via, ObjectNode more) {
    ObjectNode content = more.deepCopy();
    content.putArray("via").add(via.value());
    world.state(space, sender, "m.space.child", child.value(), content);
  }

  private void child(RoomId space, UserId sender, RoomId child, ServerName via) {
    child(space, sender, child, via, Json.object());
  }

  private RoomId closed(UserId creator) {
    RoomId room = world.room(creator, "shared");
    world.state(room, creator, "m.room.join_rules", "", content("join_rule", "invite"));
    return room;
  }

  private static List<String> ids(Iterable<? extends JsonNode> entries) {
    List<String> ids = new ArrayList<>();
    entries.forEach(entry -> ids.add(entry.path("room_id").asText()));
    return ids;
  }

  @Test
  void walksDepthFirstAndEndsLoops() {
    RoomId root = space(ALICE);
    RoomId inner = space(ALICE);
    RoomId leaf = world.room(ALICE, "shared");
    RoomId last = world.room(ALICE, "shared");
    child(root, ALICE, last, ONE, Json.object().put("order", "z"));
    child(root, ALICE, inner, ONE, Json.object().put("order", "a"));
    child(inner, ALICE, leaf, ONE);
    child(inner, ALICE, root, ONE);
    List<ObjectNode> found = walk.walk(root, ALICE, ALL);
    assertThat(ids(found)).containsExactly(root.value(), inner.value(), leaf.value(), last.value());
    assertThat(found.getFirst().path("children_state")).hasSize(2);
    assertThat(found.getFirst().path("room_type").asText()).isEqualTo("m.space");
    assertThat(ids(walk.walk(root, ALICE, new SpaceWalk.Bounds(false, 1, 100))))
        .containsExactly(root.value(), inner.value(), last.value());
    assertThat(walk.walk(root, ALICE, new SpaceWalk.Bounds(false, 10, 2))).hasSize(2);
  }

  @Test
  void showsWhatAUserCouldSeeOrJoin() {
    RoomId root = space(ALICE);
    RoomId hidden = closed(ALICE);
    RoomId restricted = closed(ALICE);
    ObjectNode rules = content("join_rule", "restricted");
    rules
        .putArray("allow")
        .addObject()
        .put("type", "m.room_membership")
        .put("room_id", root.value());
    world.state(restricted, ALICE, "m.room.join_rules", "", rules);
    child(root, ALICE, hidden, ONE);
    child(root, ALICE, restricted, ONE);
    assertThat(ids(walk.walk(root, BOB, ALL))).containsExactly(root.value());
    world.member(root, BOB, BOB, "join");
    assertThat(ids(walk.walk(root, BOB, ALL)))
        .containsExactlyInAnyOrder(root.value(), restricted.value());
    world.member(hidden, ALICE, BOB, "invite");
    assertThat(ids(walk.walk(root, BOB, ALL))).contains(hidden.value());
    assertThat(walk.walk(closed(ALICE), BOB, ALL)).isEmpty();
    assertThat(walk.walk(new RoomId("!none"), BOB, ALL)).isEmpty();
  }

  @Test
  void anotherTenantsRoomsAreToldAsAnotherServerWouldTellThem() {
    RoomId root = space(ALICE);
    RoomId open = world.room(CARL, "shared");
    RoomId hidden = closed(CARL);
    child(root, ALICE, open, TWO);
    child(root, ALICE, hidden, TWO);
    assertThat(ids(walk.walk(root, ALICE, ALL))).containsExactly(root.value(), open.value());
  }

  @Test
  void aServerIsToldWhatOneOfItsUsersMightSee() {
    RoomId root = space(ALICE);
    RoomId open = world.room(ALICE, "shared");
    RoomId hidden = closed(ALICE);
    child(root, ALICE, open, ONE);
    child(root, ALICE, hidden, ONE);
    child(root, ALICE, new RoomId("!unknown:far.example"), FAR);
    JsonNode told = spaces.forServer(root, FAR, ONE, false).orElseThrow();
    assertThat(told.path("room").path("room_id").asText()).isEqualTo(root.value());
    assertThat(ids(told.path("children"))).containsExactly(open.value());
    assertThat(told.path("inaccessible_children").path(0).asText()).isEqualTo(hidden.value());
    world.member(hidden, ALICE, REMOTE, "invite");
    assertThat(spaces.forServer(root, FAR, ONE, false).orElseThrow().path("children")).hasSize(2);
    assertThat(spaces.forServer(root, FAR, TWO, false)).isEmpty();
    assertThat(spaces.forServer(closed(ALICE), FAR, ONE, false)).isEmpty();
  }

  @Test
  void aChildWithoutAServerIsNone() {
    RoomId root = space(ALICE);
    RoomId other = world.room(ALICE, "shared");
    world.state(root, ALICE, "m.space.child", other.value(), Json.object());
    world.state(root, ALICE, "m.space.child", "no room", content("via", "x"));
    assertThat(ids(walk.walk(root, ALICE, ALL))).containsExactly(root.value());
  }

  @Test
  void aDirectoryShowsItsOwnRoomsLargestFirst() {
    PublishedRooms published =
        new PublishedRooms(world.views.accounts(), world.views.rooms(), summaries);
    RoomId small = world.room(ALICE, "world_readable");
    RoomId large = world.room(ALICE, "shared");
    world.member(large, BOB, BOB, "join");
    world.state(small, ALICE, "m.room.name", "", content("name", "The Small Room"));
    RoomId unlisted = world.room(ALICE, "shared");
    world.listed(ONE, small, true);
    world.listed(ONE, large, true);
    world.listed(ONE, unlisted, true);
    world.listed(ONE, unlisted, false);
    var all = new PublishedRooms.Query(0, "", Json.object());
    ObjectNode page = published.page(ONE, all);
    assertThat(ids(page.path("chunk"))).containsExactly(large.value(), small.value());
    assertThat(page.path("total_room_count_estimate").asInt()).isEqualTo(2);
    assertThat(published.page(TWO, all).path("chunk")).isEmpty();
    ObjectNode first = published.page(ONE, new PublishedRooms.Query(1, "", Json.object()));
    assertThat(ids(first.path("chunk"))).containsExactly(large.value());
    String next = first.path("next_batch").asText();
    ObjectNode second = published.page(ONE, new PublishedRooms.Query(1, next, Json.object()));
    assertThat(ids(second.path("chunk"))).containsExactly(small.value());
    assertThat(second.has("next_batch")).isFalse();
    ObjectNode filter = Json.object().put("generic_search_term", "small");
    JsonNode found = published.page(ONE, new PublishedRooms.Query(0, "", filter)).path("chunk");
    assertThat(ids(found)).containsExactly(small.value());
    assertThat(found.path(0).path("world_readable").asBoolean()).isTrue();
    assertThat(found.path(0).path("join_rule").asText()).isEqualTo("public");
  }

  @Test
  void oneRoomIsShownToWhoMaySeeIt() {
    RoomId open = world.room(CARL, "shared");
    RoomId hidden = closed(CARL);
    assertThat(walk.entry(hidden, List.of(), CARL)).isPresent();
    assertThat(walk.entry(open, List.of(), ALICE)).as("nobody is named who knows it").isEmpty();
    assertThat(walk.entry(open, List.of(TWO), ALICE).orElseThrow().path("room_id").asText())
        .isEqualTo(open.value());
    assertThat(walk.entry(hidden, List.of(TWO), ALICE)).isEmpty();
  }

  @Test
  void aTenantThatDeniesAnotherTellsItOfNoRoom() {
    RoomId open = world.room(CARL, "shared");
    RoomId root = space(ALICE);
    child(root, ALICE, open, TWO);
    assertThat(ids(walk.walk(root, ALICE, ALL))).containsExactly(root.value(), open.value());
    SpaceWalk closed = walk(FederationPolicy.onlyWith("far.example"));
    assertThat(closed.entry(open, List.of(TWO), ALICE)).isEmpty();
    assertThat(ids(closed.walk(root, ALICE, ALL))).containsExactly(root.value());
    assertThat(closed.entry(open, List.of(TWO), CARL)).isPresent();
  }

  @Test
  void whatAServerSaysIsKeptForWhereItIsNamedOnly() {
    RoomId room = new RoomId("!room:far.example");
    RoomId root = space(ALICE);
    child(root, ALICE, room, FAR);
    others.names.put(FAR, "the room");
    others.names.put(LIAR, "a lie");
    assertThat(name(walk.entry(room, List.of(LIAR), ALICE).orElseThrow())).isEqualTo("a lie");
    assertThat(name(walk.walk(root, ALICE, ALL).getLast())).isEqualTo("the room");
    assertThat(name(walk.entry(room, List.of(FAR), ALICE).orElseThrow())).isEqualTo("the room");
    assertThat(others.asked).isEqualTo(2);
  }

  @Test
  void aUserCausesSoManyRequestsOnly() {
    for (int n = 0; n < SpaceWalk.BURST; n++) {
      assertThat(walk.entry(new RoomId("!" + n + ":far.example"), List.of(FAR), ALICE)).isEmpty();
    }
    RoomId more = new RoomId("!more:far.example");
    assertThatThrownBy(() -> walk.entry(more, List.of(FAR), ALICE))
        .isInstanceOfSatisfying(
            MatrixError.class, e -> assertThat(e.errcode()).isEqualTo("M_LIMIT_EXCEEDED"));
    assertThat(others.asked).isEqualTo(SpaceWalk.BURST);
    assertThat(walk.entry(more, List.of(FAR), BOB)).isEmpty();
  }

  private static String name(ObjectNode entry) {
    return entry.path("name").asText();
  }
}
