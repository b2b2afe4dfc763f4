package org.headrace.core.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spec appendices, "Identifier Grammar". */
class IdentifiersTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "matrix.org",
        "matrix.org:8888",
        "1.2.3.4",
        "1.2.3.4:1234",
        "[1234:5678::abcd]",
        "[1234:5678::abcd]:5678",
        "localhost",
        "A-b.c"
      })
  void acceptsServerNames(String name) {
    assertThat(new ServerName(name).value()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":80",
        "a b",
        "a/b",
        "a:",
        "a:123456",
        "a:x",
        "[::1",
        "ä.org",
        "a_b",
        "a:80:80"
      })
  void refusesWhatIsNoServerName(String name) {
    assertThatThrownBy(() -> new ServerName(name)).isInstanceOf(InvalidIdException.class);
  }

  @Test
  void splitsUserIdsAtTheFirstColon() {
    UserId user = new UserId("@a.b=_-/+1:example.org:8448");
    assertThat(user.localpart()).isEqualTo("a.b=_-/+1");
    assertThat(user.server()).isEqualTo(new ServerName("example.org:8448"));
    assertThat(user.isStrict()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"@:a", "@A B:a", "@ü:a", "@a!:a"})
  void acceptsHistoricalUserIdsButNotForNewUsers(String id) {
    assertThat(new UserId(id).isStrict()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@", "a:b", "@a", "@a:", "@a:b c", "@a\0:b", "#a:b"})
  void refusesWhatIsNoUserId(String id) {
    assertThatThrownBy(() -> new UserId(id)).isInstanceOf(InvalidIdException.class);
  }

  @Test
  void countsBytesNotCharacters() {
    assertThat(new UserId("@" + "x".repeat(252) + ":a").value()).hasSize(255);
    assertThatThrownBy(() -> new UserId("@" + "x".repeat(253) + ":a"))
        .isInstanceOf(InvalidIdException.class);
    assertThatThrownBy(() -> new UserId("@" + "é".repeat(127) + ":a"))
        .isInstanceOf(InvalidIdException.class);
  }

  @Test
  void roomAndEventIdsNeedNoServerName() {
    assertThat(new RoomId("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM").value()).hasSize(44);
    assertThat(new EventId("$acR1l0raoZnm60CBwAVgqbZqoO/mYU81xysh1u7XcJk").value()).hasSize(44);
    assertThatThrownBy(() -> new RoomId("!")).isInstanceOf(InvalidIdException.class);
    assertThatThrownBy(() -> new EventId("!a")).isInstanceOf(InvalidIdException.class);
  }

  @Test
  void aliasesHaveLocalpartAndServer() {
    RoomAlias alias = new RoomAlias("#a:b:1");
    assertThat(alias.localpart()).isEqualTo("a");
    assertThat(alias.server()).isEqualTo(new ServerName("b:1"));
    assertThatThrownBy(() -> new RoomAlias("a:b")).isInstanceOf(InvalidIdException.class);
  }
}
