package org.headrace.core.roomversion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Predicate;
import org.headrace.core.roomversion.EventFlags.EventIdForm;
import org.junit.jupiter.api.Test;

/** The feature matrix of the specification, read the other way round: per feature its versions. */
class RoomVersionTest {
  @Test
  void knowsTheStableVersionsAndMakesNewRoomsIn12() {
    assertThat(RoomVersion.supportedStable().stream().map(RoomVersion::id))
        .containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12");
    assertThat(RoomVersion.DEFAULT.id()).isEqualTo("12");
    assertThat(RoomVersion.find("13")).isEmpty();
    assertThat(RoomVersion.find("10")).contains(RoomVersion.V10);
  }

  @Test
  void eventsAreAsTheirVersionSays() {
    assertVersions(1, 2, v -> v.events().idGiven());
    assertVersions(3, 3, v -> v.events().eventIds() == EventIdForm.BASE64_HASH);
    assertVersions(4, 12, v -> v.events().eventIds() == EventIdForm.URL_SAFE_HASH);
    assertVersions(5, 12, v -> v.events().keyValidity());
    assertVersions(6, 12, v -> v.events().strictCanonicalJson());
    assertVersions(11, 12, v -> v.events().redactsInContent());
    assertVersions(12, 12, v -> v.events().roomIdFromCreate());
  }

  @Test
  void authorisationIsAsItsVersionSays() {
    assertVersions(1, 2, v -> v.auth().redactionRule());
    assertVersions(1, 5, v -> v.auth().aliasesRule());
    assertVersions(1, 5, v -> v.auth().floatPowerLevels());
    assertVersions(1, 9, v -> v.auth().stringPowerLevels());
    assertVersions(1, 10, v -> v.auth().creatorInContent());
    assertVersions(6, 12, v -> v.auth().notificationLevels());
    assertVersions(7, 12, v -> v.auth().knocking());
    assertVersions(8, 12, v -> v.auth().restrictedJoin());
    assertVersions(10, 12, v -> v.auth().knockRestrictedJoin());
    assertVersions(10, 12, v -> v.auth().integerPowerLevels());
    assertVersions(12, 12, v -> v.auth().createFromRoomId());
    assertVersions(12, 12, v -> v.auth().privilegedCreators());
  }

  @Test
  void stateResolutionIsAsItsVersionSays() {
    assertVersions(1, 1, v -> v.stateResolution() == StateResolutionVersion.V1);
    assertVersions(2, 11, v -> v.stateResolution() == StateResolutionVersion.V2);
    assertVersions(12, 12, v -> v.stateResolution() == StateResolutionVersion.V2_1);
  }

  private static void assertVersions(int first, int last, Predicate<RoomVersion> feature) {
    List<RoomVersion> all = RoomVersion.supportedStable();
    assertThat(all.stream().filter(feature)).isEqualTo(all.subList(first - 1, last));
  }
}
