package org.headrace.schema.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.junit.jupiter.api.Test;

/** Topics hold what was written before device list changes were named. */
class DeviceListChangeTest {
  private static final String USER = "\"user\":\"@a:b.example\"";

  private static <T> T decode(String json, Class<T> type) {
    return LogJson.decode(json.getBytes(UTF_8), type);
  }

  @Test
  void whatNamesNoStepsIsStillRead() {
    var record =
        (RoomRecord.DevicesChanged)
            decode(
                "{\"kind\":\"devices_changed\",\"position\":2048,\"roomId\":\"!r:b.example\","
                    + "\"commandId\":\"c\",\"last\":true,"
                    + USER
                    + "}",
                RoomRecord.class);
    assertThat(record.changes()).isEmpty();
    var echo =
        (RoomCommand.EchoDevices)
            decode(
                "{\"kind\":\"echo_devices\",\"id\":\"c\",\"ts\":1,\"roomId\":\"!r:b.example\","
                    + USER
                    + "}",
                RoomCommand.class);
    assertThat(echo.changes()).isEmpty();
    var rest =
        (AccountCommand.ContinueEcho)
            decode(
                "{\"kind\":\"continue_echo\",\"id\":\"c\",\"ts\":1,"
                    + USER
                    + ",\"echo\":\"DEVICES\",\"origin\":2048,\"chunk\":1}",
                AccountCommand.class);
    assertThat(rest.changes()).isEmpty();
  }

  @Test
  void stepsAreReadAsTheyWereWritten() {
    DeviceListChange first = new DeviceListChange(Position.ofOffset(1), new DeviceId("D"), null);
    DeviceListChange second = new DeviceListChange(Position.ofOffset(2), null, first.position());
    RoomRecord record =
        new RoomRecord.DevicesChanged(
            Position.ofOffset(3),
            new RoomId("!r:b.example"),
            "c",
            true,
            new UserId("@a:b.example"),
            List.of(first, second));
    assertThat(LogJson.decode(LogJson.encode(record), RoomRecord.class)).isEqualTo(record);
  }
}
