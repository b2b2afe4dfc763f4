// Two matrix-js-sdk clients on two servers, in an encrypted room: device lists, keys and to-device messages over federation.

import { createRequire } from "node:module";
import { Person, until } from "./servers.mjs";

const require = createRequire(new URL("../js/package.json", import.meta.url));
const { createClient, ClientEvent } = await import(require.resolve("matrix-js-sdk"));
const { logger } = await import(require.resolve("matrix-js-sdk/lib/logger.js"));

// The sdk talks; what this prints goes around it.
logger.setLevel?.("silent");
for (const level of ["trace", "debug", "log", "info", "warn", "error"]) console[level] = () => {};
const MESSAGES = 20;

async function client(person, deviceId = person.device, token = person.token) {
  const sdk = createClient({ baseUrl: person.server.url, userId: person.id, deviceId, accessToken: token });
  await sdk.initRustCrypto({ useIndexedDB: false });
  const synced = new Promise((resolve) => sdk.once(ClientEvent.Sync, resolve));
  await sdk.startClient({ initialSyncLimit: 50 });
  await synced;
  return sdk;
}

const read = (sdk, roomId) =>
  (sdk.getRoom(roomId)?.getLiveTimeline().getEvents() ?? [])
    .filter((event) => event.getType() === "m.room.message" && !event.isDecryptionFailure())
    .map((event) => event.getContent().body);

export async function encryptedTalk(homeServer, guestServer, version) {
  const home = await Person.on(homeServer, "alice");
  const guest = await Person.on(guestServer, "bob");
  const clients = [await client(home), await client(guest)];
  try {
    const room = await home.create({
      room_version: version,
      preset: "private_chat",
      initial_state: [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }],
    });
    await home.call("POST", `${home.room(room)}/invite`, { user_id: guest.id });
    await until("the invite", async () => (await guest.sync()).rooms?.invite?.[room]);
    await guest.join(room);
    await until("both joined", async () =>
      clients.every((sdk) => sdk.getRoom(room)?.getJoinedMembers().length === 2));
    const expected = [[], []];
    for (let i = 0; i < MESSAGES; i++) {
      for (const [who, sdk] of clients.entries()) {
        const body = `${who} says ${i}`;
        await sdk.sendTextMessage(room, body);
        expected.forEach((all) => all.push(body));
      }
    }
    for (const [who, sdk] of clients.entries()) {
      await until(`all decrypted by ${who}`, () => expected[who].every((body) => read(sdk, room).includes(body)));
    }
    // A new device of the guest is seen by the other side, and gets what comes after.
    const login = await guest.call("POST", "/v3/login", {
      type: "m.login.password",
      identifier: { type: "m.id.user", user: guest.id },
      password: `password of ${guest.id.slice(1).split(":")[0]}`,
    });
    const phone = await client(guest, login.device_id, login.access_token);
    clients.push(phone);
    await until("the new device", async () => {
      const devices = await clients[0].getCrypto().getUserDeviceInfo([guest.id], true);
      return devices.get(guest.id)?.has(login.device_id);
    });
    await clients[0].sendTextMessage(room, "for the new device too");
    await until("decrypted by the new device", () => read(phone, room).includes("for the new device too"));
  } finally {
    clients.forEach((sdk) => sdk.stopClient());
  }
}
