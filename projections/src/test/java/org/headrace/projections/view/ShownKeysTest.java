package org.headrace.projections.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.fold.AccountFold;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is shown of the real views, and how often they are read for it. */
class ShownKeysTest {
  private static final UserId ALICE = new UserId("@alice:a.example");
  private static final String KEY = ALICE.value();
  private static final int DEVICES = 20;

  @TempDir Path folder;
  private RocksViews views;
  private ShownKeys shown;
  private final List<String> reads = new ArrayList<>();

  @BeforeEach
  void open() {
    views = RocksViews.open(folder);
    shown = new ShownKeys(counting(views.accounts()));
    for (int i = 0; i < DEVICES; i++) {
      DeviceId device = device(i);
      fold(
          new AccountRecord.SessionCreated(
              at(2 * i + 1),
              KEY,
              "c",
              true,
              ALICE,
              device,
              "t" + device,
              i == 0 ? null : "Name " + i,
              1),
          new AccountRecord.DeviceKeysChanged(
              at(2 * i + 2), KEY, "c", true, ALICE, device, keys(device)));
    }
    reads.clear();
  }

  @AfterEach
  void close() {
    views.close();
  }

  @Test
  void allDevicesAreShownWithTheirNames() {
    var devices = shown.devices(ALICE);
    assertThat(devices).hasSize(DEVICES);
    assertThat(devices.get(device(0)).displayName()).isNull();
    assertThat(devices.get(device(7)).displayName()).isEqualTo("Name 7");
    assertThat(devices.get(device(7)).keys()).isEqualTo(keys(device(7)));
    assertThat(reads).containsExactlyInAnyOrder("deviceKeys", "signatures", "devices");
  }

  @Test
  void oneDeviceOfManyIsReadWithoutTheOthers() {
    var devices = shown.devices(ALICE, device(7)::equals);
    assertThat(devices.keySet()).containsExactly(device(7));
    assertThat(devices.get(device(7)).displayName()).isEqualTo("Name 7");
    assertThat(reads).containsExactlyInAnyOrder("deviceKeys", "signatures", "devices");
    assertThat(shown.device(ALICE, device(7))).contains(devices.get(device(7)));
  }

  @Test
  void whereNoneIsShownNoMoreIsRead() {
    assertThat(shown.devices(ALICE, new DeviceId("OTHER")::equals)).isEmpty();
    assertThat(reads).containsExactly("deviceKeys");
  }

  /** The view, which notes what is called. */
  private AccountsView counting(AccountsView view) {
    return (AccountsView)
        Proxy.newProxyInstance(
            AccountsView.class.getClassLoader(),
            new Class<?>[] {AccountsView.class},
            (proxy, method, arguments) -> {
              reads.add(method.getName());
              try {
                return method.invoke(view, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void fold(AccountRecord... records) {
    for (AccountRecord record : records) {
      ViewBatch batch = new ViewBatch();
      batch.addAll(record.position(), AccountFold.fold(record));
      batch.reach(Topic.ACCOUNT_LOG, 0, new Checkpoint(record.position(), 0, 0));
      views.write(batch);
    }
  }

  private static DeviceId device(int number) {
    return new DeviceId("D" + number);
  }

  private static ObjectNode keys(DeviceId device) {
    ObjectNode keys = Json.object().put("user_id", KEY).put("device_id", device.value());
    keys.putObject("keys").put("ed25519:" + device, "k" + device);
    return keys;
  }

  private static Position at(long offset) {
    return Position.ofOffset(offset);
  }
}
