// Each feature of federation between Headrace and Synapse, in both directions and in several room versions.
//
//   scenario.mjs [--versions 10,11,12] [--only STEP,...]

import { parseArgs } from "node:util";
import { Person, Refused, differences, relays, servers, until } from "./servers.mjs";
import { encryptedTalk } from "./encrypted.mjs";

const { values: args } = parseArgs({
  options: { versions: { type: "string", default: "10,11,12" }, only: { type: "string" } },
});
const both = await relays();
if (args.only === "relays") {
  process.stdout.write("both servers run; Ctrl-C stops them\n");
  await new Promise(() => {});
}

const say = (line) => process.stdout.write(line + "\n");
const HISTORY = 150;

/** Steps in a room that both are in already. */
const SHARED = new Set(["redaction", "kick_ban_rejoin", "profile_typing_receipt", "to_device"]);
const results = [];

async function step(label, run) {
  const begun = Date.now();
  try {
    await run();
    results.push([label, true]);
    say(`ok    ${label} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  } catch (error) {
    results.push([label, false]);
    say(`FAIL  ${label}: ${error.stack ?? error}`);
  }
}

const arrives = (reader, roomId, eventId) =>
  until(`${eventId} at ${reader.server.label}`, async () =>
    (await reader.call("GET", `${reader.room(roomId)}/messages?dir=b&limit=50`)).chunk.find((event) => event.event_id === eventId),
  );

const invited = (reader, roomId) =>
  until(`invite at ${reader.server.label}`, async () => (await reader.sync()).rooms?.invite?.[roomId]);

async function same(roomId, one, other) {
  await until("both hold the same", async () => (await differences(roomId, one, other)).length === 0, 30_000).catch(async () => {
    throw new Error("the servers differ:\n  " + (await differences(roomId, one, other)).slice(0, 10).join("\n  "));
  });
}

/** All steps with the room's creator on one server and a guest on the other. */
const steps = {
  async join_by_alias({ home, guest, version }) {
    const name = `alias${Date.now()}`;
    const room = await home.create({ room_version: version, preset: "public_chat", room_alias_name: name });
    await guest.join(`#${name}:${home.server.name}`);
    await arrives(guest, room, await home.send(room, "from the room's server"));
    await arrives(home, room, await guest.send(room, "from elsewhere"));
    await same(room, home, guest);
  },

  async invite({ home, guest, version }) {
    const room = await home.create({ room_version: version, preset: "private_chat", name: "by invitation" });
    await home.call("POST", `${home.room(room)}/invite`, { user_id: guest.id });
    const stripped = (await invited(guest, room)).invite_state.events;
    if (!stripped.some((event) => event.type === "m.room.name" && event.content.name === "by invitation")) {
      throw new Error("the invite does not tell the room's name: " + JSON.stringify(stripped));
    }
    await guest.join(room);
    await arrives(home, room, await guest.send(room, "here I am"));
    await same(room, home, guest);
  },

  async refuse_invite({ home, guest, version }) {
    const room = await home.create({ room_version: version, preset: "private_chat" });
    await home.call("POST", `${home.room(room)}/invite`, { user_id: guest.id });
    await invited(guest, room);
    await guest.call("POST", `${guest.room(room)}/leave`, {});
    await until("the refusal", async () => (await home.membership(room, guest)) === "leave");
  },

  async knock({ home, guest, version }) {
    const room = await home.create({
      room_version: version,
      preset: "private_chat",
      initial_state: [{ type: "m.room.join_rules", state_key: "", content: { join_rule: "knock" } }],
    });
    const via = `via=${home.server.name}&server_name=${home.server.name}`;
    await guest.call("POST", `/v3/knock/${encodeURIComponent(room)}?${via}`, { reason: "please" });
    await until("the knock", async () => (await home.membership(room, guest)) === "knock");
    await home.call("POST", `${home.room(room)}/invite`, { user_id: guest.id });
    await invited(guest, room);
    await guest.join(room);
    await arrives(home, room, await guest.send(room, "thank you"));
    await same(room, home, guest);
  },

  async restricted_join({ home, guest, version }) {
    const lobby = await home.create({ room_version: version, preset: "public_chat" });
    const room = await home.create({
      room_version: version,
      preset: "private_chat",
      initial_state: [
        {
          type: "m.room.join_rules",
          state_key: "",
          content: { join_rule: "restricted", allow: [{ type: "m.room_membership", room_id: lobby }] },
        },
      ],
    });
    const refused = await guest.join(room, home.server).then(() => undefined, (error) => error);
    if (!(refused instanceof Refused) || refused.status !== 403) throw new Error(`not refused: ${refused}`);
    await guest.join(lobby, home.server);
    await arrives(guest, lobby, await home.send(lobby, "you are in the lobby"));
    await guest.join(room, home.server);
    await arrives(home, room, await guest.send(room, "in by the lobby"));
    await same(room, home, guest);
  },

  async redaction({ home, guest, room }) {
    for (const [author, reader] of [[home, guest], [guest, home]]) {
      const event = await author.send(room, "not for long");
      await arrives(reader, room, event);
      await author.redact(room, event);
      await until("the redaction", async () => Object.keys((await reader.event(room, event)).content).length === 0);
    }
  },

  async kick_ban_rejoin({ home, guest, room }) {
    await home.call("POST", `${home.room(room)}/kick`, { user_id: guest.id });
    await until("the kick", async () => (await guest.sync()).rooms?.leave?.[room] || !(await guest.sync()).rooms?.join?.[room]);
    await guest.join(room, home.server);
    await arrives(home, room, await guest.send(room, "back after a kick"));
    await home.call("POST", `${home.room(room)}/ban`, { user_id: guest.id });
    await until("the ban", async () => !(await guest.sync()).rooms?.join?.[room]);
    const refused = await guest.join(room, home.server).then(() => undefined, (error) => error);
    if (!(refused instanceof Refused) || refused.status !== 403) throw new Error(`a banned user joined: ${refused}`);
    await home.call("POST", `${home.room(room)}/unban`, { user_id: guest.id });
    await guest.join(room, home.server);
    await arrives(home, room, await guest.send(room, "back after a ban"));
    await guest.call("POST", `${guest.room(room)}/leave`, {});
    await until("the leave", async () => (await home.membership(room, guest)) === "leave");
    await home.send(room, "while you were out");
    await guest.join(room, home.server);
    await arrives(guest, room, await home.send(room, "welcome back"));
    await same(room, home, guest);
  },

  async backfill({ home, guest, version }) {
    const room = await home.create({ room_version: version, preset: "public_chat" });
    const sent = [];
    for (let i = 0; i < HISTORY; i++) sent.push(await home.send(room, `old news ${i}`));
    await guest.join(room, home.server);
    await arrives(guest, room, await home.send(room, "fresh news"));
    const seen = await until("all of the history", async () => {
      const history = await guest.history(room);
      return sent.every((event) => history.has(event)) && history;
    });
    if ([...seen.values()].some((event) => event.content.body === undefined && event.type === "m.room.message")) {
      throw new Error("messages without content");
    }
    await same(room, home, guest);
  },

  async profile_typing_receipt({ home, guest, room }) {
    for (const [author, reader] of [[home, guest], [guest, home]]) {
      const displayname = `${author.server.label} ${Date.now()}`;
      await author.call("PUT", `/v3/profile/${encodeURIComponent(author.id)}/displayname`, { displayname });
      await until("the name in the room", async () => {
        const path = `${reader.room(room)}/state/m.room.member/${encodeURIComponent(author.id)}`;
        return (await reader.call("GET", path)).displayname === displayname;
      });
      const asked = await reader.call("GET", `/v3/profile/${encodeURIComponent(author.id)}`);
      if (asked.displayname !== displayname) throw new Error("the profile says " + JSON.stringify(asked));
      let since = (await reader.sync()).next_batch;
      const event = await reader.send(room, "read this");
      await arrives(author, room, event);
      await author.call("PUT", `${author.room(room)}/typing/${encodeURIComponent(author.id)}`, { typing: true, timeout: 30000 });
      await author.call("POST", `${author.room(room)}/receipt/m.read/${encodeURIComponent(event)}`, {});
      const told = { typing: false, receipt: false };
      await until("typing and the receipt", async () => {
        const sync = await reader.sync(since, 1000);
        since = sync.next_batch;
        for (const one of sync.rooms?.join?.[room]?.ephemeral?.events ?? []) {
          told.typing ||= one.type === "m.typing" && one.content.user_ids.includes(author.id);
          told.receipt ||= one.type === "m.receipt" && one.content[event]?.["m.read"]?.[author.id] !== undefined;
        }
        return told.typing && told.receipt;
      });
    }
  },

  async to_device({ home, guest }) {
    for (const [author, reader] of [[home, guest], [guest, home]]) {
      let since = (await reader.sync()).next_batch;
      const nonce = `${Date.now()}`;
      await author.call("PUT", `/v3/sendToDevice/m.test/${nonce}`, { messages: { [reader.id]: { [reader.device]: { nonce } } } });
      await until("the message", async () => {
        const sync = await reader.sync(since, 1000);
        since = sync.next_batch;
        return (sync.to_device?.events ?? []).some((event) => event.content.nonce === nonce && event.sender === author.id);
      });
    }
  },

  async upgrade({ home, guest, version }) {
    const room = await home.create({ room_version: version, preset: "public_chat" });
    await guest.join(room, home.server);
    const next = (await home.call("POST", `${home.room(room)}/upgrade`, { new_version: version })).replacement_room;
    await until("the tombstone", async () =>
      (await guest.call("GET", `${guest.room(room)}/state/m.room.tombstone/`)).replacement_room === next,
    );
    await guest.join(next, home.server);
    await arrives(home, next, await guest.send(next, "in the new room"));
    await same(next, home, guest);
  },

  async encrypted({ home, guest, version }) {
    await encryptedTalk(home.server, guest.server, version);
  },
};

for (const version of args.versions.split(",")) {
  for (const [homeServer, guestServer] of [[servers.headrace, servers.synapse], [servers.synapse, servers.headrace]]) {
    const home = await Person.on(homeServer, "home");
    const guest = await Person.on(guestServer, "guest");
    const place = { home, guest, version };
    for (const [name, run] of Object.entries(steps)) {
      if (args.only && !args.only.split(",").includes(name)) continue;
      await step(`${name}, version ${version}, room on ${homeServer.label}`, async () => {
        if (SHARED.has(name)) place.room ??= await shared(place);
        await run(place);
      });
    }
  }
}

/** A public room that both are in. */
async function shared({ home, guest, version }) {
  const room = await home.create({ room_version: version, preset: "public_chat" });
  await guest.join(room, home.server);
  await arrives(guest, room, await home.send(room, "welcome"));
  return room;
}

both.forEach((relay) => relay.close());
const failed = results.filter(([, ok]) => !ok).length;
say(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
