// Two users talk in an encrypted room through matrix-js-sdk, both at once. Prints one JSON report on stdout; progress on
// stderr as "acked N", which the kill -9 test uses to choose its moments.
//
//   node scenario.mjs --base-url http://127.0.0.1:8008 [--messages 500] [--deadline-seconds 300] [--user-suffix x]

import { parseArgs } from "node:util";
import { logger } from "matrix-js-sdk/lib/logger.js";
import { ClientEvent, MatrixEvent, createClient } from "matrix-js-sdk";
import { Wire, stubbornFetch, until } from "./clients.mjs";
import { compare } from "./compare.mjs";

const { values: args } = parseArgs({
  options: {
    "base-url": { type: "string" },
    messages: { type: "string", default: "500" },
    "deadline-seconds": { type: "string", default: "300" },
    "user-suffix": { type: "string", default: Math.random().toString(36).slice(2, 10) },
    verbose: { type: "boolean", default: false },
  },
});
const baseUrl = args["base-url"];
const messages = Number(args.messages);
const deadlineMillis = Number(args["deadline-seconds"]) * 1000;
const ROOM_VERSION = "12";
const PAGE_LIMIT = 100;
const SYNC_LIMIT = 200;
const SEND_ATTEMPTS_MAX = 50;

// stdout carries the report and nothing else.
for (const level of ["trace", "debug", "log", "info", "warn", "error"]) {
  console[level] = (...words) => args.verbose && process.stderr.write(words.map(String).join(" ") + "\n");
}
logger.setLevel?.(args.verbose ? "info" : "silent");

class Person {
  acked = [];
  sendErrors = [];

  constructor(name) {
    this.name = name;
    this.wire = new Wire();
    this.fetch = stubbornFetch(this.wire);
    // What the scenario itself asks is not what the client sees.
    this.aside = stubbornFetch(new Wire());
  }

  async api(method, path, body) {
    const response = await this.aside(baseUrl + path, {
      method,
      headers: {
        "Content-Type": "application/json",
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const json = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(json)}`);
    return json;
  }

  async start() {
    const username = `${this.name}_${args["user-suffix"]}`;
    const registering = createClient({ baseUrl, fetchFn: this.fetch });
    const account = await registering.registerRequest({
      username,
      password: `password of ${username}`,
      auth: { type: "m.login.dummy" },
      initial_device_display_name: this.name,
    });
    this.userId = account.user_id;
    this.token = account.access_token;
    this.client = createClient({
      baseUrl,
      userId: account.user_id,
      deviceId: account.device_id,
      accessToken: account.access_token,
      fetchFn: this.fetch,
    });
    await this.client.initRustCrypto({ useIndexedDB: false });
    const synced = new Promise((resolve) => {
      this.client.on(ClientEvent.Sync, (state) => state === "PREPARED" && resolve());
    });
    await this.client.startClient({ initialSyncLimit: SYNC_LIMIT });
    await synced;
  }

  /** Sends in order, one at a time; a failed send is repeated with its own transaction id. */
  async sendAll(roomId) {
    for (let n = 0; n < messages; n++) {
      const transaction = `${this.name}-${n}`;
      const content = { msgtype: "m.text", body: `${this.name} ${n}` };
      let eventId;
      try {
        eventId = (await this.client.sendEvent(roomId, null, "m.room.message", content, transaction)).event_id;
      } catch (error) {
        eventId = await this.sendAgain(roomId, transaction, error);
      }
      this.acked.push(eventId);
      process.stderr.write(`acked ${++ackedInAll}\n`);
    }
  }

  async sendAgain(roomId, transaction, firstError) {
    let error = firstError;
    for (let attempt = 0; attempt < SEND_ATTEMPTS_MAX; attempt++) {
      this.sendErrors.push(`${transaction}: ${error}`.slice(0, 300));
      const room = this.client.getRoom(roomId);
      const event = room.getPendingEvents?.call
        ? room.getLiveTimeline().getEvents().find((each) => each.getTxnId() === transaction)
        : undefined;
      await new Promise((resume) => setTimeout(resume, 200));
      try {
        return (await this.client.resendEvent(event, room)).event_id;
      } catch (again) {
        error = again;
      }
    }
    throw error;
  }

  /** What the live client shows: decrypted texts in timeline order, gaps filled from /messages. */
  async liveView(roomId) {
    const seen = this.wire.timelines.get(roomId) ?? [];
    const order = [];
    for (let i = 0; i < seen.length; i++) {
      if (!("gap" in seen[i])) {
        order.push(seen[i]);
        continue;
      }
      const known = new Set(order.map((event) => event.event_id));
      order.push(...(await this.backwards(roomId, seen[i].gap, known)));
    }
    return this.texts(roomId, order);
  }

  /** /messages backwards from a token until an event that is known, given in forward order. */
  async backwards(roomId, from, known = new Set()) {
    const events = [];
    let token = from;
    while (token) {
      const query = new URLSearchParams({ dir: "b", limit: String(PAGE_LIMIT), from: token });
      const page = await this.api("GET", `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?${query}`);
      for (const event of page.chunk) {
        if (known.has(event.event_id)) return events.reverse();
        events.push(event);
      }
      token = page.end;
    }
    return events.reverse();
  }

  async forwards(roomId) {
    const events = [];
    let token;
    do {
      const query = new URLSearchParams({ dir: "f", limit: String(PAGE_LIMIT), ...(token ? { from: token } : {}) });
      const page = await this.api("GET", `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?${query}`);
      events.push(...page.chunk);
      token = page.chunk.length > 0 ? page.end : undefined;
    } while (token);
    return events;
  }

  /** A first /sync, then everything before its timeline from /messages. */
  async freshView(roomId) {
    const sync = await this.api("GET", "/_matrix/client/v3/sync?timeout=0");
    const timeline = sync.rooms.join[roomId].timeline;
    const before = await this.backwards(roomId, timeline.prev_batch);
    return this.texts(roomId, [...before, ...timeline.events]);
  }

  async texts(roomId, events) {
    const room = this.client.getRoom(roomId);
    const result = [];
    for (const raw of events) {
      if (raw.type !== "m.room.encrypted") {
        if (raw.type === "m.room.message") result.push({ id: raw.event_id, text: "NOT ENCRYPTED" });
        continue;
      }
      const event = room.findEventById(raw.event_id) ?? new MatrixEvent({ ...raw, room_id: roomId });
      await this.client.decryptEventIfNeeded(event);
      result.push({
        id: raw.event_id,
        sender: raw.sender,
        text: event.isDecryptionFailure() ? null : event.getContent().body,
      });
    }
    return result;
  }
}

let ackedInAll = 0;
const report = { messages, right: false };
const watchdog = setTimeout(() => finish(new Error("the scenario's deadline passed")), deadlineMillis);
const alice = new Person("alice");
const bob = new Person("bob");
const people = [alice, bob];

function finish(error) {
  clearTimeout(watchdog);
  if (error) report.error = String(error.stack ?? error);
  report.acknowledged = people.map((person) => person.acked.length);
  report.sendErrors = people.flatMap((person) => person.sendErrors).slice(0, 20);
  report.wire = people.map(({ wire }) => ({
    requests: wire.requests,
    retries: wire.retries,
    syncs: wire.syncs,
    limited: wire.limited,
    serverErrors: wire.serverErrors.slice(0, 20),
  }));
  process.stdout.write(JSON.stringify(report, null, 1) + "\n", () => process.exit(error || !report.right ? 1 : 0));
}

async function run() {
  const started = Date.now();
  await Promise.all(people.map((person) => person.start()));
  const created = await alice.client.createRoom({
    room_version: ROOM_VERSION,
    preset: "private_chat",
    initial_state: [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }],
  });
  const roomId = created.room_id;
  await alice.client.invite(roomId, bob.userId);
  await until(() => bob.client.getRoom(roomId)?.getMyMembership() === "invite", 30000, () => "bob sees the invite");
  await bob.client.joinRoom(roomId);
  const both = (person) => person.client.getRoom(roomId)?.getJoinedMembers().length === 2;
  await until(() => people.every(both), 30000, () => "both see both as joined");
  const encrypted = (person) => person.client.getCrypto().isEncryptionEnabledInRoom(roomId);
  await until(async () => (await Promise.all(people.map(encrypted))).every(Boolean), 30000, () => "room is encrypted");
  report.setupMillis = Date.now() - started;

  const exchange = Date.now();
  process.stderr.write("exchange begins\n");
  await Promise.all(people.map((person) => person.sendAll(roomId)));
  report.exchangeMillis = Date.now() - exchange;

  // The other's messages are still on their way: wait until each live client has all of them in the clear.
  const arrived = (person) => {
    const events = (person.wire.timelines.get(roomId) ?? []).filter((each) => each.type === "m.room.encrypted");
    return person.wire.limited > 0 || events.length >= 2 * messages;
  };
  await until(() => people.every(arrived), 60000, () => "every message has come down /sync").catch((error) => {
    report.error = String(error);
  });
  const views = {};
  const look = async () => {
    for (const person of people) {
      views[`${person.name} live`] = compare(await person.liveView(roomId), people, messages);
      views[`${person.name} fresh`] = compare(await person.freshView(roomId), people, messages);
      views[`${person.name} forwards`] = compare(
        await person.texts(roomId, await person.forwards(roomId)),
        people,
        messages,
      );
    }
    return Object.values(views).every((view) => view.right);
  };
  await until(look, 20000, () => "all views are right").catch((error) => {
    report.error ??= String(error);
  });
  report.roomId = roomId;
  report.roomVersion = alice.client.getRoom(roomId).getVersion();
  report.views = views;
  report.right =
    Object.values(views).every((view) => view.right) && !report.error && report.roomVersion === ROOM_VERSION;
  people.forEach((person) => person.client.stopClient());
}

run().then(() => finish(), finish);
