// What Headrace's log holds: the segments of `room.log` as they lie in the data folder, read without the server.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

const BATCH_HEADER_BYTES = 61;
const LENGTH_AT = 8;
const PREFIX_BYTES = 12;
const COUNT_AT = 57;
const DECIDES = new Set(["event", "outlier"]);

/** Kafka's zigzag variable length integer at an offset, as [value, offset after it]. */
function varint(buffer, at) {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = buffer[at++];
    value += (byte & 127) * scale;
    if (byte < 128) return [value % 2 ? -(value + 1) / 2 : value / 2, at];
  }
}

/** The values of a segment's records (batches of format 2, not compressed); a batch that is being written is left out. */
function* values(buffer) {
  for (let batch = 0; batch + BATCH_HEADER_BYTES <= buffer.length; ) {
    const end = batch + PREFIX_BYTES + buffer.readInt32BE(batch + LENGTH_AT);
    if (end > buffer.length) return;
    const count = buffer.readInt32BE(batch + COUNT_AT);
    for (let i = 0, at = batch + BATCH_HEADER_BYTES; i < count; i++) {
      const [length, record] = varint(buffer, at);
      at = record + length;
      let [, next] = varint(buffer, record + 1);
      [, next] = varint(buffer, next);
      const [keyLength, key] = varint(buffer, next);
      const [valueLength, value] = varint(buffer, key + Math.max(keyLength, 0));
      if (valueLength >= 0) yield buffer.subarray(value, value + valueLength).toString("utf8");
    }
    batch = end;
  }
}

/** What the log holds of a room's events: by id, the records that decide it, one for each position. */
export async function logOf(dataFolder, roomId) {
  const events = new Map();
  for (const file of await readdir(dataFolder, { recursive: true })) {
    if (!/(^|\/)room\.log-\d+\/\d+\.log$/.test(file)) continue;
    for (const value of values(await readFile(join(dataFolder, file)))) {
      const record = JSON.parse(value);
      if (record.roomId !== roomId || !record.eventId || !DECIDES.has(record.kind)) continue;
      const records = events.get(record.eventId) ?? new Map();
      events.set(record.eventId, records.set(record.position, record));
    }
  }
  return events;
}
