/**
 * Compares one view of a room with what was acknowledged: every message once, decrypted, each sender's in order.
 *
 * view: [{ id, sender, text }], text null where it could not be decrypted; people: [{ name, userId, acked: [event id] }];
 * messages: how many each sent, with the texts "name 0", "name 1", …
 */
export function compare(view, people, messages) {
  const ids = view.map((each) => each.id);
  const report = {
    events: ids.length,
    doubled: ids.filter((id, i) => ids.indexOf(id) !== i),
    undecrypted: view.filter((each) => each.text === null).map((each) => each.id),
    missing: [],
    doubledTexts: [],
    outOfOrder: [],
    foreign: [],
  };
  const present = new Set(ids);
  const acked = new Set();
  for (const person of people) {
    const texts = view.filter((each) => each.sender === person.userId).map((each) => each.text);
    person.acked.forEach((id) => acked.add(id));
    report.missing.push(...person.acked.filter((id) => !present.has(id)));
    report.doubledTexts.push(...texts.filter((text, i) => text !== null && texts.indexOf(text) !== i));
    const numbers = texts.filter((text) => text !== null).map((text) => Number(text.split(" ")[1]));
    report.outOfOrder.push(...numbers.filter((n, i) => i > 0 && n <= numbers[i - 1]).map((n) => `${person.name} ${n}`));
    const places = person.acked.map((id) => ids.indexOf(id)).filter((place) => place >= 0);
    if (places.some((place, i) => i > 0 && place <= places[i - 1])) report.outOfOrder.push(`${person.name}: acknowledged`);
  }
  report.foreign = ids.filter((id) => !acked.has(id));
  report.right =
    report.events === people.length * messages &&
    [report.doubled, report.undecrypted, report.missing, report.doubledTexts, report.outOfOrder, report.foreign].every(
      (list) => list.length === 0,
    );
  return report;
}
