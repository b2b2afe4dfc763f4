// Two things the scenario needs beside matrix-js-sdk: a fetch that outlives a server's restart, and an eye on what /sync
// really said (the sdk itself hides repeats, since it drops events that it already holds).

const RETRY_DELAY_MILLIS = 150;
const RETRY_GATEWAY = new Set([502, 503, 504]);

/** Counts of what happened below the sdk; part of the report. */
export class Wire {
  requests = 0;
  retries = 0;
  serverErrors = [];
  syncs = 0;
  limited = 0;
  /** Event ids in the order in which /sync timelines gave them, per room. */
  timelines = new Map();

  observeSync(body) {
    this.syncs++;
    for (const [roomId, joined] of Object.entries(body.rooms?.join ?? {})) {
      const seen = this.timelines.get(roomId) ?? [];
      this.timelines.set(roomId, seen);
      if (joined.timeline?.limited && seen.length > 0) {
        this.limited++;
        seen.push({ gap: joined.timeline.prev_batch });
      }
      for (const event of joined.timeline?.events ?? []) seen.push(event);
    }
  }
}

/**
 * A fetch that repeats a request, unchanged, while the server cannot be reached. All that the scenario sends is safe to
 * repeat: GET, PUT with a transaction id, uploads and claims of keys.
 */
export function stubbornFetch(wire) {
  return async (resource, options = {}) => {
    const url = new URL(resource);
    for (;;) {
      wire.requests++;
      try {
        const response = await fetch(resource, options);
        const body = await response.text();
        if (RETRY_GATEWAY.has(response.status)) throw new Error(`status ${response.status}`);
        if (response.status >= 500) {
          wire.serverErrors.push(`${options.method ?? "GET"} ${url.pathname}: ${response.status} ${body.slice(0, 300)}`);
        }
        if (response.ok && url.pathname.endsWith("/v3/sync")) wire.observeSync(JSON.parse(body));
        const bodyless = response.status === 204 || response.status === 304;
        return new Response(bodyless ? null : body, { status: response.status, headers: response.headers });
      } catch (error) {
        if (options.signal?.aborted) throw error;
        wire.retries++;
        await new Promise((resume) => setTimeout(resume, RETRY_DELAY_MILLIS));
      }
    }
  };
}

/** Polls until the condition holds; fails with the given text after the deadline. */
export async function until(condition, deadlineMillis, text) {
  const end = Date.now() + deadlineMillis;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMillis} ms: ${text()}`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}
