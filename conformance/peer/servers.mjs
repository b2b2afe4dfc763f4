// The two servers as a scenario sees them: relays between them that can be cut, and people on them.

import net from "node:net";

const LOOK_MILLIS = 100;
export const PATIENCE_MILLIS = 60_000;

/** Passes connections to a server's name on to where it listens, until it is cut. */
export class Relay {
  #sockets = new Set();
  #open = true;

  constructor(name, targetPort) {
    const [host, port] = name.split(":");
    this.server = net.createServer((inward) => {
      if (!this.#open) return inward.destroy();
      const outward = net.connect(targetPort, host);
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

export async function relays() {
  const both = [
    new Relay(process.env.HEADRACE_NAME, Number(process.env.HEADRACE_TARGET)),
    new Relay(process.env.SYNAPSE_NAME, Number(process.env.SYNAPSE_TARGET)),
  ];
  await Promise.all(both.map((relay) => relay.listening));
  return both;
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
    const response = await fetch(this.server.url + "/_matrix/client" + path, {
      method,
      headers: this.token ? { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" } : {},
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = { text };
    }
    if (!response.ok) throw new Refused(method, path, response.status, json);
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
export async function until(what, condition, patienceMillis = PATIENCE_MILLIS) {
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
    await new Promise((resume) => setTimeout(resume, LOOK_MILLIS));
  }
}

/** Where both servers differ in a room: in the state, and in the events. */
export async function differences(roomId, one, other) {
  const found = [];
  const [left, right] = await Promise.all([one.stateMap(roomId), other.stateMap(roomId)]);
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (left[key] !== right[key]) found.push(`state ${key}: ${one.server.label} ${left[key]}, ${other.server.label} ${right[key]}`);
  }
  const [mine, theirs] = await Promise.all([one.history(roomId), other.history(roomId)]);
  for (const [here, there, who] of [[mine, theirs, other], [theirs, mine, one]]) {
    for (const [id, event] of here) {
      if (!there.has(id)) found.push(`event ${id} (${event.type} of ${event.sender}) is not on ${who.server.label}`);
    }
  }
  return found;
}
