// Two server names of one Headrace and Synapse in one room: Synapse sees two servers, the log holds one copy of each event.
//
//   tenants.mjs [--versions 10,11,12]

import { parseArgs } from "node:util";
import { logOf } from "./log.mjs";
import { Person, Refused, relays, secondTenant, servers, synapseRows, until } from "./servers.mjs";

const { values: args } = parseArgs({ options: { versions: { type: "string", default: "10,11,12" } } });
const all = await relays();
const { headrace: first, synapse } = servers;
const results = [];

async function step(label, run) {
  try {
    await run();
    results.push(true);
    console.log(`ok    ${label}`);
  } catch (error) {
    results.push(false);
    console.log(`FAIL  ${label}: ${error.stack ?? error}`);
  }
}

function must(condition, what) {
  if (!condition) throw new Error(what);
}

const host = (server) => server.name.split(":")[0];
const message = (reader, roomId, eventId) => until(`${eventId} at ${reader.id}`, () => reader.event(roomId, eventId));

async function refusal(doing) {
  const error = await doing.then(() => undefined, (refused) => refused);
  must(error instanceof Refused, `not refused: ${error}`);
  return error.status;
}

/** How often an event is in what a client sees of the room. */
async function shownTimes(reader, roomId, eventId) {
  const { chunk } = await reader.call("GET", `${reader.room(roomId)}/messages?dir=b&limit=100`);
  return chunk.filter((event) => event.event_id === eventId).length;
}

/** The servers with a joined user, as Synapse keeps them. */
async function serversAtSynapse(roomId) {
  const rows = await synapseRows(
    `SELECT DISTINCT substr(state_key, strpos(state_key, ':') + 1) FROM current_state_events
      WHERE room_id = '${roomId}' AND type = 'm.room.member' AND membership = 'join' ORDER BY 1`,
  );
  return rows.map(([name]) => name).join(" ");
}

/** Who signed an event, as Synapse keeps it. */
async function signersAtSynapse(eventId) {
  const rows = await synapseRows(`SELECT json_object_keys(json::json->'signatures') FROM event_json WHERE event_id = '${eventId}'`);
  return rows.map(([name]) => name).join(" ");
}

async function inTheLog(roomId, eventId) {
  return (await logOf(process.env.HEADRACE_DATA_FOLDER, roomId)).get(eventId)?.size ?? 0;
}

for (const version of args.versions.split(",")) {
  for (const home of [first, synapse]) {
    const [alice, bob, sue] = [await Person.on(first, "alice"), await Person.on(secondTenant, "bob"), await Person.on(synapse, "sue")];
    const owner = home === first ? alice : sue;
    const label = `version ${version}, room on ${home.label}`;
    let room;

    await step(`three servers join, ${label}`, async () => {
      must(alice.id.endsWith(":" + first.name) && bob.id.endsWith(":" + secondTenant.name), `${alice.id} and ${bob.id}`);
      room = await owner.create({ room_version: version, preset: "public_chat" });
      for (const guest of [alice, bob, sue]) if (guest !== owner) await guest.join(room, home);
      const expected = [synapse.name, first.name, secondTenant.name].sort().join(" ");
      await until("three servers", async () => (await serversAtSynapse(room)) === expected);
    });

    await step(`each one's message reaches the others once, ${label}`, async () => {
      for (const author of [alice, bob, sue]) {
        const event = await author.send(room, `from ${author.id}`);
        for (const reader of [alice, bob, sue]) {
          await message(reader, room, event);
          must((await shownTimes(reader, room, event)) === 1, `not once at ${reader.id}`);
        }
        const signers = await signersAtSynapse(event);
        must(signers === author.server.name, `${event} of ${author.id} is signed by ${signers}`);
        must((await inTheLog(room, event)) === 1, "the log does not hold one copy");
      }
    });

    await step(`the tenants hear each other without the network, ${label}`, async () => {
      all.forEach((link) => link.cut());
      const refused = all[0].refused + all[2].refused;
      const events = [await alice.send(room, "while cut"), await bob.send(room, "while cut")];
      for (const event of events) for (const reader of [alice, bob]) await message(reader, room, event);
      must(all[0].refused + all[2].refused === refused, "a tenant was called over the network");
      all.forEach((link) => link.restore());
      for (const event of events) await message(sue, room, event);
    });

    await step(`a server ACL bars one tenant alone, ${label}`, async () => {
      const acl = (deny) => owner.state(room, "m.room.server_acl", "", { allow: ["*"], deny, allow_ip_literals: true });
      const barred = await acl([host(secondTenant)]);
      for (const person of [alice, bob, sue]) await message(person, room, barred);
      must((await refusal(bob.send(room, "barred"))) === 403, "the barred tenant's user is not refused with 403");
      const late = await Person.on(secondTenant, "late");
      must((await refusal(late.join(room, first))) === 403, "another user of the barred tenant is not refused with 403");
      await message(sue, room, await alice.send(room, "not barred"));
      await message(alice, room, await sue.send(room, "not barred"));
      const lifted = await acl([]);
      await message(sue, room, lifted);
      const again = await until("no more barred", () => bob.send(room, "no more barred"));
      for (const reader of [alice, sue]) await message(reader, room, again);
    });

    await step(`a tenant tells nothing of a room that only the other is in, ${label}`, async () => {
      const apart = await alice.create({ room_version: version, preset: "public_chat" });
      // As of a room that there is not; Synapse makes 502 of the 404 that it gets.
      const nowhere = apart.replace(/^!../, "!00");
      const [status, expected] = [await refusal(sue.join(apart, secondTenant)), await refusal(sue.join(nowhere, secondTenant))];
      must(status === expected && status >= 400, `the wrong tenant's answer is ${status}, of no room ${expected}`);
      await sue.join(apart, first);
      must((await serversAtSynapse(apart)) === [synapse.name, first.name].sort().join(" "), "not two servers");
    });

    await step(`a tenant that leaves is gone for Synapse, ${label}`, async () => {
      await bob.call("POST", `${bob.room(room)}/leave`, {});
      const expected = [synapse.name, first.name].sort().join(" ");
      await until("two servers", async () => (await serversAtSynapse(room)) === expected);
      await message(alice, room, await sue.send(room, "two of us"));
    });
  }
}

await step("each server name has a key of its own", async () => {
  const rows = await synapseRows("SELECT server_name, convert_from(key_json, 'UTF8')::json->'verify_keys' FROM server_keys_json");
  const keys = [first, secondTenant].map(({ name }) => rows.filter((row) => row[0] === name).map((row) => row[1]));
  must(keys.every((each) => each.length > 0), `Synapse knows ${JSON.stringify(rows)}`);
  must(!keys[0].some((key) => keys[1].includes(key)), `the same key: ${JSON.stringify(rows)}`);
});

all.forEach((link) => link.close());
const failed = results.filter((ok) => !ok).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
