package org.headrace.api.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.headrace.api.world.World.content;
import static org.headrace.api.world.World.user;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.headrace.api.federation.SharedRooms.Shared;
import org.headrace.api.world.World;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.http.MatrixError;
import org.headrace.http.OpenIdTokens;
import org.headrace.http.Peer;
import org.headrace.projections.view.EventRow;
import org.headrace.schema.record.StateChange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other servers are shown, and what not. */
class FederationReadsTest {
  private static final UserId ALICE = user("alice");
  private static final UserId REMOTE = new UserId("@remy:far.example");
  private static final ServerName ONE = ALICE.server();
  private static final ServerName OTHER_TENANT = new ServerName("two.example");
  private static final ServerName FAR = REMOTE.server();
  private static final Peer PEER = new Peer(FAR, ONE);

  @TempDir Path folder;
  private final TenantKeysFake keys = new TenantKeysFake().host(ONE).host(OTHER_TENANT);
  private World world;
  private SharedRooms rooms;
  private MemberTemplates templates;
  private RestrictedJoins restricted;
  private ServerVisibility visibility;
  private ShownPdus shown;
  private History history;
  private AuthChains chains;

  @BeforeEach
  void open() {
    world = new World(folder);
    var views = world.views;
    rooms = new SharedRooms(views.rooms(), views.state(), views.timeline());
    templates = new MemberTemplates(rooms, views.timeline(), world.clock);
    restricted = new RestrictedJoins(views.rooms());
    visibility = new ServerVisibility(views.rooms(), world.values);
    shown = new ShownPdus(new LocalSignatures(keys), visibility);
    history = new History(views.timeline());
    chains = new AuthChains(views.timeline());
  }

  @AfterEach
  void close() {
    world.close();
  }

  private EventRow row(RoomId room, EventId event) {
    return world.views.timeline().event(room, event).orElseThrow();
  }

  private static List<EventId> ids(List<EventRow> rows) {
    return rows.stream().map(EventRow::eventId).toList();
  }

  @Test
  void aTenantKnowsTheRoomsAloneThatItIsIn() {
    RoomId room = world.room(ALICE, "shared");
    assertThat(rooms.find(room, PEER)).isPresent();
    assertThatThrownBy(() -> rooms.require(room, new Peer(FAR, OTHER_TENANT)))
        .isInstanceOfSatisfying(MatrixError.class, e -> assertThat(e.status()).isEqualTo(404));
    assertThatThrownBy(() -> rooms.requireMember(room, PEER))
        .isInstanceOfSatisfying(MatrixError.class, e -> assertThat(e.status()).isEqualTo(403));
    world.member(room, REMOTE, REMOTE, "join");
    assertThat(rooms.requireMember(room, PEER).id()).isEqualTo(room);
  }

  @Test
  void anAclDeniesAServer() {
    RoomId room = world.room(ALICE, "shared");
    ObjectNode acl = Json.object();
    acl.putArray("allow").add("*");
    acl.putArray("deny").add("*.example");
    world.state(room, ALICE, "m.room.server_acl", "", acl);
    assertThatThrownBy(() -> rooms.require(room, PEER))
        .isInstanceOfSatisfying(
            MatrixError.class, e -> assertThat(e.errcode()).isEqualTo("M_FORBIDDEN"));
  }

  @Test
  void aTemplateHangsAtTheEndOfTheRoom() {
    RoomId room = world.room(ALICE, "shared");
    EventId last = world.message(room, ALICE, "last");
    JsonNode answer = template(room, "join");
    assertThat(answer.path("room_version").asText()).isEqualTo("12");
    JsonNode event = answer.path("event");
    assertThat(event.path("type").asText()).isEqualTo("m.room.member");
    assertThat(event.path("sender").asText()).isEqualTo(REMOTE.value());
    assertThat(event.path("state_key").asText()).isEqualTo(REMOTE.value());
    assertThat(event.path("room_id").asText()).isEqualTo(room.value());
    assertThat(event.path("content")).isEqualTo(content("membership", "join"));
    assertThat(texts(event.path("prev_events"))).containsExactly(last.value());
    // The join rules alone: there are no power levels and no member event of the joining user.
    assertThat(texts(event.path("auth_events")))
        .containsExactly(world.timeline(room).get(2).value());
  }

  @Test
  void aTemplateIsRefusedWhereTheRulesRefuseTheEvent() {
    RoomId room = world.room(ALICE, "shared");
    world.state(room, ALICE, "m.room.join_rules", "", content("join_rule", "invite"));
    forbidden(() -> template(room, "join"));
    forbidden(() -> template(room, "knock"));
    forbidden(() -> template(room, "leave"));
    world.member(room, ALICE, REMOTE, "invite");
    assertThat(template(room, "join")).isNotNull();
    assertThat(template(room, "leave")).isNotNull();
    world.member(room, ALICE, REMOTE, "ban");
    forbidden(() -> template(room, "join"));
  }

  @Test
  void aRestrictedJoinIsVouchedForByWhoMayInvite() {
    RoomId space = world.room(ALICE, "shared");
    RoomId room = world.room(ALICE, "shared");
    restrict(room, space);
    errcode("M_FORBIDDEN", () -> authoriser(room));
    world.member(space, REMOTE, REMOTE, "join");
    assertThat(authoriser(room)).contains(ALICE);
    world.member(room, ALICE, REMOTE, "invite");
    assertThat(authoriser(room)).isEmpty();
  }

  @Test
  void whatATenantCannotLookAtItCannotVouchFor() {
    RoomId space = world.room(new UserId("@carl:two.example"), "shared");
    RoomId room = world.room(ALICE, "shared");
    restrict(room, space);
    world.member(space, REMOTE, REMOTE, "join");
    errcode("M_UNABLE_TO_AUTHORISE_JOIN", () -> authoriser(room));
  }

  @Test
  void whereNobodyMayInviteAnotherServerMustHelp() {
    RoomId space = world.room(ALICE, "shared");
    RoomId room = world.room(REMOTE, "shared");
    world.member(room, ALICE, ALICE, "join");
    world.state(room, REMOTE, "m.room.power_levels", "", Json.object().put("invite", 50));
    restrict(room, space);
    UserId other = new UserId("@olga:far.example");
    world.member(space, other, other, "join");
    Shared shared = rooms.find(room, PEER).orElseThrow();
    StateLookup state = templates.state(shared);
    errcode("M_UNABLE_TO_GRANT_JOIN", () -> restricted.authoriser(shared, other, state));
  }

  private void restrict(RoomId room, RoomId to) {
    ObjectNode rules = content("join_rule", "restricted");
    rules.putArray("allow").addObject().put("type", "m.room_membership").put("room_id", to.value());
    world.state(room, ALICE, "m.room.join_rules", "", rules);
  }

  private Optional<UserId> authoriser(RoomId room) {
    Shared shared = rooms.find(room, PEER).orElseThrow();
    return restricted.authoriser(shared, REMOTE, templates.state(shared));
  }

  private JsonNode template(RoomId room, String membership) {
    return templates.template(
        rooms.find(room, PEER).orElseThrow(), REMOTE, content("membership", membership));
  }

  private static void forbidden(ThrowingCallable call) {
    errcode("M_FORBIDDEN", call);
  }

  private static void errcode(String errcode, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(MatrixError.class, e -> assertThat(e.errcode()).isEqualTo(errcode));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  @Test
  void aServerSeesWhatOneOfItsUsersMaySee() {
    RoomId room = world.room(ALICE, "joined");
    EventId before = world.message(room, ALICE, "before");
    world.member(room, ALICE, REMOTE, "invite");
    EventId invited = world.message(room, ALICE, "invited");
    world.member(room, REMOTE, REMOTE, "join");
    EventId joined = world.message(room, ALICE, "joined");
    world.member(room, REMOTE, REMOTE, "leave");
    EventId left = world.message(room, ALICE, "left");
    assertThat(visible(room, before)).isFalse();
    assertThat(visible(room, invited)).isFalse();
    assertThat(visible(room, joined)).isTrue();
    assertThat(visible(room, left)).isFalse();
    world.state(
        room, ALICE, "m.room.history_visibility", "", content("history_visibility", "invited"));
    world.member(room, ALICE, REMOTE, "invite");
    assertThat(visible(room, world.message(room, ALICE, "again"))).isTrue();
    world.state(
        room, ALICE, "m.room.history_visibility", "", content("history_visibility", "shared"));
    world.member(room, REMOTE, REMOTE, "leave");
    assertThat(visible(room, world.message(room, ALICE, "shared"))).isTrue();
    JsonNode hidden = shown.visible(row(room, before), PEER);
    assertThat(hidden.path("content")).isEmpty();
    assertThat(hidden.path("type").asText()).isEqualTo("m.room.message");
  }

  @Test
  void thePastIsJudgedByItsOwnState() {
    RoomId room = world.room(ALICE, "joined");
    EventId join = world.member(room, REMOTE, REMOTE, "join");
    world.gap(room, join, -1, null);
    EventId with =
        world.past(room, ALICE, -1, join, new StateChange("m.room.member", REMOTE.value(), join));
    EventId without =
        world.past(room, ALICE, -2, with, new StateChange("m.room.member", REMOTE.value(), null));
    assertThat(visible(room, with)).isTrue();
    assertThat(visible(room, without)).isFalse();
  }

  private boolean visible(RoomId room, EventId event) {
    return visibility.isVisible(row(room, event), FAR);
  }

  @Test
  void whatWasMadeHereIsSignedWhenItIsShown() {
    RoomId room = world.room(ALICE, "shared");
    EventId said = world.message(room, ALICE, "hello");
    ObjectNode pdu = shown.whole(row(room, said));
    assertThat(pdu.path("signatures").path(ONE.value()).has(keys.current(ONE).keyId())).isTrue();
    assertThat(pdu.has("unsigned")).isFalse();
    EventId elsewhere = world.member(room, REMOTE, REMOTE, "join");
    assertThat(shown.whole(row(room, elsewhere)).path("signatures").has(ONE.value())).isFalse();
  }

  @Test
  void walksBackByDepthAndBetweenEvents() {
    RoomId room = world.room(ALICE, "shared");
    List<EventId> chain = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      List<EventId> previous = chain.isEmpty() ? List.of() : List.of(chain.getLast());
      chain.add(world.linked(room, ALICE, previous, i));
    }
    assertThat(ids(history.before(room, List.of(chain.get(4)), 3)))
        .containsExactly(chain.get(4), chain.get(3), chain.get(2));
    assertThat(history.before(room, List.of(new EventId("$unknown")), 3)).isEmpty();
    assertThat(ids(history.between(room, List.of(chain.get(5)), List.of(chain.get(1)), 0, 10)))
        .containsExactly(chain.get(2), chain.get(3), chain.get(4));
    assertThat(ids(history.between(room, List.of(chain.get(5)), List.of(), 3, 10)))
        .containsExactly(chain.get(3), chain.get(4));
    assertThat(ids(history.between(room, List.of(chain.get(5)), List.of(), 0, 2)))
        .containsExactly(chain.get(3), chain.get(4));
  }

  @Test
  void aChainHasEachEventOnce() throws IOException {
    RoomId room = world.room(ALICE, "shared");
    EventId root = world.authorised(room, ALICE, List.of());
    EventId left = world.authorised(room, ALICE, List.of(root));
    EventId right = world.authorised(room, ALICE, List.of(root));
    EventId top = world.authorised(room, ALICE, List.of(left, right));
    List<EventId> walked = new ArrayList<>();
    chains.walk(room, AuthChains.authEvents(row(room, top)), row -> walked.add(row.eventId()));
    // Of version 12: the create event authorises all, and none names it.
    EventId create = world.timeline(room).getFirst();
    assertThat(walked).containsExactlyInAnyOrder(left, right, root, create).endsWith(root);
  }

  @Test
  void publishesKeysThatAreSigned() {
    keys.rotate(ONE, 77);
    ObjectNode published = new PublishedKeys(keys, world.clock).of(ONE);
    String keyId = keys.current(ONE).keyId();
    assertThat(published.path("verify_keys").path(keyId).path("key").asText())
        .isEqualTo(keys.current(ONE).publicKeyBase64());
    assertThat(published.path("old_verify_keys").path("ed25519:k0").path("expired_ts").asLong())
        .isEqualTo(77);
    assertThat(published.path("valid_until_ts").asLong()).isGreaterThan(world.clock.millis());
    assertThat(JsonSigner.verify(published, ONE.value(), keyId, keys.current(ONE).publicKey()))
        .isTrue();
  }

  @Test
  void anOpenIdTokenTellsItsUserForAnHour() {
    OpenIdTokens tokens = new OpenIdTokens(keys, world.clock);
    String token = tokens.token(ALICE);
    assertThat(tokens.user(token)).contains(ALICE);
    assertThat(tokens.user(token.substring(1))).isEmpty();
    assertThat(tokens.user("x." + token.substring(token.indexOf('.') + 1))).isEmpty();
    assertThat(tokens.user("")).isEmpty();
    world.pass(OpenIdTokens.VALIDITY);
    assertThat(tokens.user(token)).isEmpty();
  }
}
