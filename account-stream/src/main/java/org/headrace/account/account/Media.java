package org.headrace.account.account;

import java.util.List;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.topology.machine.Output;

/**
 * What a user has uploaded, under which ids, and how much of it (client-server API, "Content
 * repository"). The bytes are elsewhere; here each id gets its content once.
 */
final class Media {
  private final Cells cells;
  private final Decision decision;

  Media(Cells cells, Decision decision) {
    this.cells = cells;
    this.decision = decision;
  }

  List<Output> reserve(AccountCommand.ReserveMedia c) {
    UserId user = c.user();
    if (cells.account(user) == null) {
      return decision.fail(Failure.NOT_FOUND, "no such account");
    }
    if (cells.hasMedia(user, c.media())) {
      return decision.fail(Failure.CANNOT_OVERWRITE, "this media id has its content already");
    }
    long waiting =
        cells.pendingMedia(user).values().stream().filter(until -> until > c.ts()).count();
    if (waiting >= Limits.MEDIA_PENDING_MAX) {
      return decision.fail(
          Failure.LIMIT_EXCEEDED,
          Limits.MEDIA_PENDING_MAX + " media ids of yours wait for their content: upload it first");
    }
    decision.record(
        (position, last) ->
            new AccountRecord.MediaReserved(
                position, c.key(), c.id(), last, user, c.media(), c.expiresTs()));
    return decision.done();
  }

  List<Output> store(AccountCommand.StoreMedia c) {
    UserId user = c.user();
    if (cells.account(user) == null) {
      return decision.fail(Failure.NOT_FOUND, "no such account");
    }
    if (cells.hasMedia(user, c.media())) {
      return decision.fail(Failure.CANNOT_OVERWRITE, "this media id has its content already");
    }
    if (c.reserved()) {
      Long until = cells.pendingMedia(user).get(c.media().value());
      if (until == null || until < c.ts()) {
        return decision.fail(Failure.NOT_FOUND, "no such media id, or it has expired");
      }
    }
    long used = cells.mediaBytes(user) + c.content().size();
    if (used > c.quotaBytes()) {
      return decision.fail(Failure.FORBIDDEN, "your uploads would exceed your quota");
    }
    decision.record(
        (position, last) ->
            new AccountRecord.MediaStored(
                position, c.key(), c.id(), last, user, c.media(), c.content(), used, c.ts()));
    return decision.done();
  }
}
