package org.headrace.projections.view;

import java.util.List;
import org.headrace.projections.fold.AccountFold;
import org.headrace.projections.fold.RoomFold;
import org.headrace.projections.fold.RowChange;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.RoomRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the contract suites share: every adapter runs them all. */
abstract class ViewContract {
  /** After all that a test has folded. */
  protected static final Position LATE = Position.ofOffset(1_000);

  protected OpenViews views;

  /** Opens empty views. */
  protected abstract OpenViews open() throws Exception;

  protected abstract void close() throws Exception;

  @BeforeEach
  void openViews() throws Exception {
    views = open();
  }

  @AfterEach
  void closeViews() throws Exception {
    close();
  }

  protected void fold(RoomRecord... records) {
    for (RoomRecord record : records) {
      write(record.position(), RoomFold.fold(record));
    }
  }

  protected void fold(AccountRecord... records) {
    for (AccountRecord record : records) {
      write(record.position(), AccountFold.fold(record));
    }
  }

  protected void fold(AccountItem... items) {
    for (AccountItem item : items) {
      write(item.position(), AccountFold.item(item));
    }
  }

  protected void body(String key, String body) {
    write(
        body == null ? LATE : Position.ofOffset(0),
        List.of(RoomFold.body(key, body == null ? null : body.replace('\'', '"').getBytes())));
  }

  protected void write(Position position, List<RowChange> rows) {
    ViewBatch batch = new ViewBatch();
    batch.addAll(position, rows);
    views.writer().write(batch);
  }
}
