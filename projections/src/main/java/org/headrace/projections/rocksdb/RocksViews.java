package org.headrace.projections.rocksdb;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.RowChange;
import org.headrace.projections.fold.RowChangeAt;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.projections.fold.ViewWriter;
import org.headrace.projections.rows.PresenceBoard;
import org.headrace.projections.rows.RowsRoomsView;
import org.headrace.projections.rows.RowsStateView;
import org.headrace.projections.rows.RowsTimelineView;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EphemeralView;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.projections.view.ViewPorts;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;

/**
 * The views of one node in one RocksDB in its data folder. A batch's rows and its checkpoints are
 * one write, so the views are always as some prefix of the logs made them. They hold nothing that
 * the logs do not: a folder of another format, or a broken one, is thrown away and folded again.
 */
public final class RocksViews implements ViewWriter, ViewPorts {
  /** Of keys and values; another one on disk means that the views are built anew. */
  static final String FORMAT = "2";

  private static final byte[] FORMAT_KEY = RowKey.of(Table.META).text("format").bytes();

  private final Rows rows;
  private final String dropped;
  private final TypingBoard typing = new TypingBoard();
  private final PresenceBoard presence = new PresenceBoard();
  private static final String CHECKPOINT = "checkpoint";
  private static final String SHOWN = "shown";

  private final Map<ViewBatch.Source, Checkpoint> checkpoints = new ConcurrentHashMap<>();
  private final RoomsView rooms;
  private final StateView state;
  private final TimelineView timeline;
  private final AccountsView accounts;
  private final EphemeralView ephemeral;

  private RocksViews(Rows rows, String dropped) {
    this.rows = rows;
    this.dropped = dropped;
    RocksEventRows events = new RocksEventRows(rows);
    timeline = new RowsTimelineView(events);
    RowsStateView states = new RowsStateView(new RocksStateRows(rows), events);
    rooms = new RowsRoomsView(new RocksRoomRows(rows), states, this::reached);
    state = states;
    accounts = new RocksAccountsView(rows, this::reached);
    ephemeral = new RocksEphemeralView(rows, typing, presence, this::reached);
  }

  /** Opens the views in this folder, which is made if it is absent. */
  public static RocksViews open(Path folder) {
    try {
      return openOrRebuild(folder);
    } catch (RocksDBException e) {
      throw new IllegalStateException(
          "the views in " + folder + " cannot be opened: " + e.getMessage(), e);
    }
  }

  private static RocksViews openOrRebuild(Path folder) throws RocksDBException {
    String dropped = "";
    Rows rows;
    try {
      rows = new Rows(folder);
    } catch (RocksDBException e) {
      if (e.getStatus() == null || e.getStatus().getCode() != Status.Code.Corruption) {
        throw e;
      }
      dropped = "they are damaged (" + e.getMessage() + ")";
      Rows.destroy(folder);
      rows = new Rows(folder);
    }
    byte[] format = rows.get(FORMAT_KEY);
    if (format != null && !RowValue.text(format).equals(FORMAT)) {
      dropped = "their format is " + RowValue.text(format) + ", not " + FORMAT;
      rows.close();
      Rows.destroy(folder);
      rows = new Rows(folder);
      format = null;
    }
    if (format == null) {
      try (WriteBatch batch = new WriteBatch()) {
        batch.put(FORMAT_KEY, RowValue.text(FORMAT));
        rows.write(batch);
      }
    }
    return new RocksViews(rows, dropped);
  }

  /** Why the views that were in the folder were thrown away when it was opened, if they were. */
  public Optional<String> dropped() {
    return dropped.isEmpty() ? Optional.empty() : Optional.of(dropped);
  }

  @Override
  public RoomsView rooms() {
    return rooms;
  }

  @Override
  public StateView state() {
    return state;
  }

  @Override
  public TimelineView timeline() {
    return timeline;
  }

  @Override
  public AccountsView accounts() {
    return accounts;
  }

  @Override
  public EphemeralView ephemeral() {
    return ephemeral;
  }

  @Override
  public void write(ViewBatch viewBatch) {
    try (WriteBatch batch = new WriteBatch()) {
      RowWriter writer = new RowWriter(rows, batch);
      for (RowChangeAt row : viewBatch.rows()) {
        switch (row.change()) {
          case RowChange.TypingPut put -> typing.put(put.position(), put.typing());
          case RowChange.PresencePut put -> put(put);
          case RowChange.OfRoom room -> writer.room(room);
          case RowChange.OfAccount account -> writer.account(account);
        }
      }
      for (var reached : viewBatch.checkpoints().entrySet()) {
        // Of what is in memory only, too: its positions must not be used again.
        batch.put(key(reached.getKey()), RowValue.checkpoint(reached.getValue()));
      }
      if (batch.count() > 0) {
        rows.write(batch);
      }
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
    checkpoints.putAll(viewBatch.checkpoints());
  }

  private void put(RowChange.PresencePut put) {
    Position changed = put.presence().renewal() ? Position.NONE : put.position();
    presence.put(put.partition(), put.position(), changed, put.presence());
  }

  @Override
  public Checkpoint checkpoint(Topic topic, int partition) {
    return checkpoints.computeIfAbsent(new ViewBatch.Source(topic, partition), this::stored);
  }

  private Checkpoint stored(ViewBatch.Source source) {
    byte[] value = rows.get(key(source));
    return value == null ? Checkpoint.START : RowValue.checkpoint(value);
  }

  /**
   * How far the views have ever been in a partition, also those that were dropped since: what
   * clients may have been shown.
   */
  @Override
  public Checkpoint shown(Topic topic, int partition) {
    Checkpoint now = checkpoint(topic, partition);
    byte[] value = rows.get(meta(SHOWN, topic).number(partition).bytes());
    Checkpoint before = value == null ? Checkpoint.START : RowValue.checkpoint(value);
    return before.reached().isAfter(now.reached()) ? before : now;
  }

  private static RowKey meta(String kind, Topic topic) {
    return RowKey.of(Table.META).text(kind).text(topic.topicName());
  }

  private Position reached(Topic topic, int partition) {
    return checkpoint(topic, partition).reached();
  }

  private static byte[] key(ViewBatch.Source source) {
    return meta(CHECKPOINT, source.topic()).number(source.partition()).bytes();
  }

  @Override
  public boolean hasBody(String recordKey) {
    return rows.get(RowKey.of(Table.BODY).text(recordKey).bytes()) != null;
  }

  @Override
  public void drop(Topic.Family family) {
    boolean isRoom = family == Topic.Family.ROOM;
    byte from = isRoom ? Table.ROOMS_FROM : Table.ACCOUNTS_FROM;
    byte to = isRoom ? Table.ROOMS_TO : Table.ACCOUNTS_TO;
    try (WriteBatch batch = new WriteBatch()) {
      batch.deleteRange(new byte[] {from}, new byte[] {to});
      for (Topic topic : Topic.values()) {
        if (topic.family() == family) {
          byte[] prefix = meta(CHECKPOINT, topic).bytes();
          keepShown(topic, prefix, batch);
          batch.deleteRange(prefix, RowKey.afterPrefix(prefix));
        }
      }
      rows.write(batch);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
    if (isRoom) {
      typing.clear();
    } else {
      presence.clear();
    }
    checkpoints.keySet().removeIf(source -> source.topic().family() == family);
  }

  private void keepShown(Topic topic, byte[] prefix, WriteBatch batch) throws RocksDBException {
    try (var cursor = rows.cursor(prefix, RowKey.afterPrefix(prefix))) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        Checkpoint now = RowValue.checkpoint(cursor.value());
        byte[] partition = Arrays.copyOfRange(cursor.key(), prefix.length, cursor.key().length);
        byte[] shownPrefix = meta(SHOWN, topic).bytes();
        byte[] key = Arrays.copyOf(shownPrefix, shownPrefix.length + partition.length);
        System.arraycopy(partition, 0, key, shownPrefix.length, partition.length);
        byte[] before = rows.get(key);
        if (before == null || now.reached().isAfter(RowValue.checkpoint(before).reached())) {
          batch.put(key, RowValue.checkpoint(now));
        }
      }
    }
  }

  /** All rows by key: what two folds of the same logs must agree in, byte by byte. */
  Rows rows() {
    return rows;
  }

  @Override
  public void close() {
    rows.close();
  }
}
