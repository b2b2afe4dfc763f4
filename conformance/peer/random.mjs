// Random operations of users on both servers in rooms of both, with the link cut and restored; then both must hold the same.
//
//   random.mjs COUNT [SEED]

import { Person, Refused, differences, relays, servers, until } from "./servers.mjs";

const count = Number(process.argv[2] ?? 20000);
const seed = Number(process.argv[3] ?? 1);
const ROOMS = 9;
const PEOPLE = 4;
const AT_ONCE = 8;
const CUT_EVERY = 1500;
const CUT_OPERATIONS = 150;
const VERSIONS = ["10", "11", "12"];
const SETTLE_MILLIS = 600_000;

/** mulberry32: a small generator with a 32-bit seed. */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const random = generator(seed);
const pick = (list) => list[Math.floor(random() * list.length)];

const links = await relays();
const people = [];
for (let i = 0; i < PEOPLE; i++) {
  people.push(await Person.on(servers.headrace, "h"), await Person.on(servers.synapse, "s"));
}
const rooms = [];
for (let i = 0; i < ROOMS; i++) {
  const owner = people[i % people.length];
  const id = await owner.create({
    room_version: VERSIONS[i % VERSIONS.length],
    preset: "public_chat",
    power_level_content_override: { state_default: 0, invite: 0, kick: 0, redact: 0 },
  });
  for (const person of people) if (person !== owner) await person.join(id, owner.server);
  rooms.push({ id, owner, events: [] });
}
console.log(`seed ${seed}: ${people.length} people in ${rooms.length} rooms`);

const kinds = [
  ...Array(60).fill("message"),
  ...Array(12).fill("state"),
  ...Array(8).fill("redact"),
  ...Array(6).fill("leave"),
  ...Array(6).fill("join"),
  ...Array(3).fill("kick"),
  ...Array(3).fill("name"),
  ...Array(2).fill("invite"),
];
const outcomes = { done: 0, refused: 0, unreachable: 0 };

/** All chances are taken here, before anything is sent: the choices depend on the seed alone. */
function plan(n) {
  return { n, kind: pick(kinds), person: pick(people), other: pick(people), room: pick(rooms), chance: random() };
}

async function perform({ n, kind, person, other, room, chance }) {
  switch (kind) {
    case "message": {
      room.events.push(await person.send(room.id, `message ${n}`));
      break;
    }
    case "state":
      await person.state(room.id, "org.example.value", `k${n % 5}`, { n });
      break;
    case "redact": {
      const target = room.events[Math.floor(chance * room.events.length)];
      if (target) await person.redact(room.id, target);
      break;
    }
    case "leave":
      if (person !== room.owner) await person.call("POST", `${person.room(room.id)}/leave`, {});
      break;
    case "join":
      await person.join(room.id, room.owner.server);
      break;
    case "kick":
      if (other !== room.owner) await person.call("POST", `${person.room(room.id)}/kick`, { user_id: other.id });
      break;
    case "name":
      await person.state(room.id, "m.room.name", "", { name: `name ${n}` });
      break;
    case "invite":
      await person.call("POST", `${person.room(room.id)}/invite`, { user_id: other.id });
      break;
  }
}

const begun = Date.now();
for (let n = 0, running = new Set(); n < count || running.size > 0; ) {
  while (n < count && running.size < AT_ONCE) {
    if (n % CUT_EVERY === CUT_EVERY - CUT_OPERATIONS) links.forEach((link) => link.cut());
    if (n > 0 && n % CUT_EVERY === 0) links.forEach((link) => link.restore());
    const doing = perform(plan(n++))
      .then(() => outcomes.done++)
      .catch((error) => {
        if (!(error instanceof Refused)) throw error;
        if (error.status >= 500) outcomes.unreachable++;
        else outcomes.refused++;
      })
      .finally(() => running.delete(doing));
    running.add(doing);
    if (n % 1000 === 0) console.log(`${n} of ${count} in ${((Date.now() - begun) / 1000).toFixed(0)} s ${JSON.stringify(outcomes)}`);
  }
  await Promise.race(running);
}
links.forEach((link) => link.restore());

// Everybody is there again, and each side sends once more.
let different = 0;
for (const room of rooms) {
  const one = people.find((person) => person.server === servers.headrace);
  const other = people.find((person) => person.server === servers.synapse);
  for (const person of [room.owner, one, other]) await until("joined", () => person.join(room.id, room.owner.server));
  for (const [author, reader] of [[one, other], [other, one], [one, other]]) {
    const last = await until("a last message", () => author.send(room.id, "the end"));
    await until("the last message", () => reader.event(room.id, last), SETTLE_MILLIS);
  }
  const settled = await until("the same on both", async () => (await differences(room.id, one, other)).length === 0, 60_000).catch(() => false);
  const found = settled ? [] : await differences(room.id, one, other);
  console.log(`${room.id}: ${(await one.history(room.id)).size} events, ${found.length} differences`);
  found.slice(0, 20).forEach((line) => console.log("  " + line));
  different += found.length;
}
links.forEach((link) => link.close());
console.log(`${count} operations, seed ${seed}, ${((Date.now() - begun) / 1000).toFixed(0)} s: ${JSON.stringify(outcomes)}, ${different} differences`);
process.exit(different ? 1 : 0);
