// The two servers as a scenario sees them: relays between them that can be cut, and people on them.

import { execFile } from "node:child_process";
import http from "node:http";
import net from "node:net";
import { promisify } from "node:util";
import { logOf } from "./log.mjs";

const LOOK_MILLIS = 100;
const agent = new http.Agent({ keepAlive: true, timeout: 20_000 });
export const PATIENCE_MILLIS = 60_000;

/** Passes connections to a server's name on to where it listens, until it is cut. */
export class Relay {
  #sockets = new Set();
  #open = true;
  /** Connections that were let through, and those that came while it was cut. */
  passed = 0;
  refused = 0;

  constructor(name, targetPort, targetHost = name.split(":")[0]) {
    const [host, port] = name.split(":");
    this.server = net.createServer((inward) => {
      inward.on("error", () => {});
      if (!this.#open) return this.refused++, inward.destroy();
      this.passed++;
      const outward = net.connect(targetPort, targetHost);
      for (const [from, to] of [[inward, outward], [outward, inward]]) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on("error", () => to.destroy());
        from.on("close", () => (to.destroy(), this.#sockets.delete(from)));
      }
    });
    this.listening = new Promise((resolve) => this.server.listen(Number(port), host, resolve));
  }

  cut() {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  restore() {
    this.#open = true;
  }

  close() {
    this.cut();
    this.server.close();
  }
}

export const servers = {
  headrace: { label: "headrace", name: process.env.HEADRACE_NAME, url: process.env.HEADRACE_CLIENT },
  synapse: { label: "synapse", name: process.env.SYNAPSE_NAME, url: process.env.SYNAPSE_CLIENT },
};

/** The second server name that the same Headrace hosts: a tenant is told by the Host header. */
export const secondTenant = { ...servers.headrace, label: "second tenant", name: process.env.TENANT_NAME, host: process.env.TENANT_NAME };

/** In front of Headrace, of Synapse, and of Headrace's second tenant. */
export async function relays() {
  const all = [
    new Relay(process.env.HEADRACE_NAME, Number(process.env.HEADRACE_TARGET)),
    new Relay(process.env.SYNAPSE_NAME, Number(process.env.SYNAPSE_TARGET)),
    new Relay(process.env.TENANT_NAME, Number(process.env.HEADRACE_TARGET), process.env.HEADRACE_NAME.split(":")[0]),
  ];
  await Promise.all(all.map((relay) => relay.listening));
  return all;
}

/** What Synapse's database answers, as rows of text. */
export async function synapseRows(query) {
  const { stdout } = await promisify(execFile)("psql", ["-X", "-A", "-t", "-F", "\t", "-d", process.env.SYNAPSE_DATABASE, "-c", query], {
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout.split("\n").filter(Boolean).map((line) => line.split("\t"));
}

/** What became of a room's events, by id: accepted, soft-failed, rejected or outlier. */
export async function verdicts(server, roomId) {
  if (server === servers.synapse) {
    const rows = await synapseRows(
      `SELECT event_id, internal_metadata::json->>'soft_failed' = 'true', r.reason IS NOT NULL, e.outlier,
              internal_metadata::json->>'recheck_redaction' = 'true'
         FROM event_json j JOIN events e USING (event_id) LEFT JOIN rejections r USING (event_id) WHERE j.room_id = '${roomId}'`,
    );
    return new Map(
      rows.map(([id, soft, rejected, outlier, held]) => [
        id,
        // A redaction whose sender lacks the level in the state that Synapse has when it comes is held back.
        rejected === "t" ? "rejected" : soft === "t" || held === "t" ? "soft-failed" : outlier === "t" ? "outlier" : "accepted",
      ]),
    );
  }
  const log = await logOf(process.env.HEADRACE_DATA_FOLDER, roomId);
  return new Map(
    [...log].map(([id, records]) => {
      const last = [...records.values()].at(-1);
      return [id, last.kind === "outlier" ? "outlier" : last.verdict.toLowerCase().replace("_", "-")];
    }),
  );
}

/** A request over a connection that is kept; unlike fetch, it can name another host than it connects to. */
function request(method, server, path, token, body) {
  const headers = {
    "Content-Type": "application/json",
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(server.host && { Host: server.host }),
  };
  return new Promise((resolve, reject) => {
    const asked = http.request(server.url + path, { method, headers, agent }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString("utf8") }));
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A refusal, with what the server said. */
export class Refused extends Error {
  constructor(method, path, status, body) {
    super(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

/** A user with an access token. */
export class Person {
  static #count = 0;
  #transactions = 0;

  static async on(server, name) {
    const person = new Person();
    person.server = server;
    const username = `${name}${process.pid}x${Person.#count++}`;
    const account = await person.call("POST", "/v3/register", {
      username,
      password: `password of ${username}`,
      auth: { type: "m.login.dummy" },
    });
    person.id = account.user_id;
    person.token = account.access_token;
    person.device = account.device_id;
    return person;
  }

  async call(method, path, body) {
    const { status, text } = await request(method, this.server, "/_matrix/client" + path, this.token, body);
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = { text };
    }
    if (status >= 300) throw new Refused(method, path, status, json);
    return json;
  }

  room(roomId) {
    return `/v3/rooms/${encodeURIComponent(roomId)}`;
  }

  async create(options) {
    return (await this.call("POST", "/v3/createRoom", options)).room_id;
  }

  join(roomIdOrAlias, ...via) {
    const query = via.map((server) => `via=${server.name}&server_name=${server.name}`).join("&");
    return this.call("POST", `/v3/join/${encodeURIComponent(roomIdOrAlias)}?${query}`, {});
  }

  async send(roomId, body, type = "m.room.message") {
    const content = typeof body === "string" ? { msgtype: "m.text", body } : body;
    const path = `${this.room(roomId)}/send/${type}/t${this.#transactions++}`;
    return (await this.call("PUT", path, content)).event_id;
  }

  async state(roomId, type, key, content) {
    const path = `${this.room(roomId)}/state/${type}/${encodeURIComponent(key)}`;
    return (await this.call("PUT", path, content)).event_id;
  }

  async redact(roomId, eventId) {
    const path = `${this.room(roomId)}/redact/${encodeURIComponent(eventId)}/t${this.#transactions++}`;
    return (await this.call("PUT", path, {})).event_id;
  }

  event(roomId, eventId) {
    return this.call("GET", `${this.room(roomId)}/event/${encodeURIComponent(eventId)}`);
  }

  membership(roomId, user) {
    return this.call("GET", `${this.room(roomId)}/state/m.room.member/${encodeURIComponent(user.id)}`).then(
      (content) => content.membership,
      (error) => (error instanceof Refused ? undefined : Promise.reject(error)),
    );
  }

  sync(since, timeoutMillis = 0) {
    return this.call("GET", `/v3/sync?timeout=${timeoutMillis}${since ? "&since=" + encodeURIComponent(since) : ""}`);
  }

  /** The state as {"type|key": event id}. */
  async stateMap(roomId) {
    const events = await this.call("GET", `${this.room(roomId)}/state`);
    return Object.fromEntries(events.map((event) => [`${event.type}|${event.state_key}`, event.event_id]).sort());
  }

  /** All events from now to the beginning, by id. */
  async history(roomId) {
    const events = new Map();
    for (let from = ""; ; ) {
      const page = await this.call("GET", `${this.room(roomId)}/messages?dir=b&limit=100${from && "&from=" + encodeURIComponent(from)}`);
      for (const event of page.chunk) events.set(event.event_id, event);
      if (!page.end || (page.end === from && page.chunk.length === 0)) return events;
      from = page.end;
    }
  }
}

/** Polls until the condition gives something true, which is returned. */
export async function until(what, condition, patienceMillis = PATIENCE_MILLIS, lookMillis = LOOK_MILLIS) {
  const end = Date.now() + patienceMillis;
  for (let last; ; ) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      last = error;
    }
    if (Date.now() > end) throw new Error(`not within ${patienceMillis / 1000} s: ${what}${last ? " (" + last.message + ")" : ""}`);
    await new Promise((resume) => setTimeout(resume, lookMillis));
  }
}

/** Where both servers differ in a room: in the state, and in the events, whose contents a redaction may have taken. */
export async function differences(roomId, one, other) {
  const { state, events } = await comparison(roomId, one, other);
  return [...state, ...events.map(({ line }) => line)];
}

/**
 * Both servers' state and events. An event that differs has what caused it: its own id, type and sender, or those of the
 * redaction that one side shows, and the server whose verdict on that is to be asked.
 */
export async function comparison(roomId, one, other) {
  const [left, right] = await Promise.all([one.stateMap(roomId), other.stateMap(roomId)]);
  const state = [];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (left[key] !== right[key]) state.push(`state ${key}: ${one.server.label} ${left[key]}, ${other.server.label} ${right[key]}`);
  }
  const [mine, theirs] = await Promise.all([one.history(roomId), other.history(roomId)]);
  const events = [];
  for (const [here, there, who] of [[mine, theirs, other], [theirs, mine, one]]) {
    for (const [id, event] of here) {
      // Synapse ties a room's ends together with these, and shows them to no client of its own.
      if (there.has(id) || event.type === "org.matrix.dummy_event") continue;
      const line = `event ${id} (${event.type} of ${event.sender}) is not on ${who.server.label}`;
      events.push({ id, type: event.type, sender: event.sender, server: who.server, line });
    }
  }
  for (const [id, event] of mine) {
    if (!theirs.has(id) || shown(event) === shown(theirs.get(id))) continue;
    const line = `event ${id}: ${one.server.label} shows ${shown(event)}, ${other.server.label} ${shown(theirs.get(id))}`;
    const redaction = redactionOf(event) ?? redactionOf(theirs.get(id));
    const cause = redaction ? mine.get(redaction) ?? theirs.get(redaction) : event;
    events.push({
      id: redaction ?? id,
      type: cause?.type ?? "m.room.redaction",
      sender: cause?.sender ?? "?",
      server: (redactionOf(event) ? other : one).server,
      line: redaction ? `${line} (redacted by ${redaction})` : line,
    });
  }
  return { state, events, size: mine.size };
}

function redactionOf({ unsigned }) {
  return unsigned?.redacted_because?.event_id ?? unsigned?.redacted_by;
}

/** What both must show alike; where a redaction names its target differs with the version, and both places are filled for clients. */
function shown({ type, sender, state_key, origin_server_ts, content: { redacts, ...content } }) {
  return JSON.stringify(sorted({ type, sender, state_key, origin_server_ts, content }));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}
