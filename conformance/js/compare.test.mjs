// The comparison must be able to fail: node --test compare.test.mjs

import assert from "node:assert";
import { test } from "node:test";
import { compare } from "./compare.mjs";

const alice = { name: "alice", userId: "@alice:x", acked: ["$a0", "$a1", "$a2"] };
const bob = { name: "bob", userId: "@bob:x", acked: ["$b0", "$b1", "$b2"] };
const people = [alice, bob];
const event = (person, n) => ({ id: person.acked[n], sender: person.userId, text: `${person.name} ${n}` });
const good = [event(alice, 0), event(bob, 0), event(bob, 1), event(alice, 1), event(alice, 2), event(bob, 2)];

test("what was acknowledged, once and in order, is right", () => {
  assert.ok(compare(good, people, 3).right);
});

test("a lost message is missed", () => {
  const report = compare(good.toSpliced(1, 1), people, 3);
  assert.ok(!report.right);
  assert.deepEqual(report.missing, ["$b0"]);
});

test("a doubled event and a doubled text are seen", () => {
  assert.deepEqual(compare([...good, good[0]], people, 3).doubled, ["$a0"]);
  const sentTwice = compare([...good, { ...event(alice, 2), id: "$else" }], people, 3);
  assert.ok(!sentTwice.right);
  assert.deepEqual(sentTwice.doubledTexts, ["alice 2"]);
  assert.deepEqual(sentTwice.foreign, ["$else"]);
});

test("another order is seen", () => {
  const swapped = good.with(1, good[2]).with(2, good[1]);
  const report = compare(swapped, people, 3);
  assert.ok(!report.right);
  assert.ok(report.outOfOrder.length > 0);
});

test("what cannot be decrypted is seen", () => {
  const report = compare(good.with(3, { ...good[3], text: null }), people, 3);
  assert.ok(!report.right);
  assert.deepEqual(report.undecrypted, ["$a1"]);
});
