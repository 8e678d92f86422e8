import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, expect, it } from "vitest";
import { outageOf } from "../../src/probe/outage.ts";
import { changedTasks, lbplay, runEvents, start } from "./lbplay.ts";
import { storyOf, withRollLab } from "./roll-fixture.ts";

const { lab, words, settled } = withRollLab("rollkill");

beforeAll(async () => {
  const first = await runEvents(words(QUICK));
  expect(first.code, storyOf(first)).toBe(0);
}, 300_000);

const KILLS = 30;

/** A keepalived that takes part as soon as it runs: nothing here waits for links that come up. */
const QUICK = { keepalived_startup_delay: 0 };

/** Changes that are rolled in different orders, each of which is undone by the next one. */
const CHANGES: readonly object[] = [
  { ...QUICK, keepalived_vrrp_version: 2, keepalived_advert_int: 1 },
  { ...QUICK, keepalived_vrrp_version: 2, keepalived_advert_int: 1, keepalived_virtual_router_id: 79 },
  { ...QUICK, haproxy_defaults: { timeouts: { client: "61s" } } },
];

/** Numbers from 0 to 1 that follow from a seed, so that a failure can be repeated. */
const chance = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** What the dead runner was doing on a node goes on to its end, and holds the lock until then. */
const runWhenFree = async (what: readonly string[]): ReturnType<typeof runEvents> => {
  for (;;) {
    const run = await runEvents(what);
    if (!run.stderr.includes("E_LOCKED")) return run;
    await pause(500);
  }
};

const ONLY = ["--limit", "lb", "--tags", "haproxy,keepalived"];

it(`a runner killed at any of ${KILLS} moments leaves what the next run finishes, and no client waits`, async () => {
  const seed = Number(process.env.LBPLAY_SEED ?? 20_261_127);
  const random = chance(seed);
  const lengths: number[] = [];
  for (const change of CHANGES) {
    await settled(0);
    const began = Date.now();
    const whole = await runEvents(words(change, ...ONLY));
    expect(whole.code, storyOf(whole)).toBe(0);
    lengths.push(Date.now() - began);
  }
  const cost: string[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    await settled(0);
    const change = CHANGES[kill % CHANGES.length] ?? {};
    const moment = Math.round(random() * (lengths[kill % CHANGES.length] ?? 0));
    const told = `seed ${seed}, kill ${kill} after ${moment} ms of ${JSON.stringify(change)}`;
    const prober = await lab.probe({ everyMs: 20 });
    const run = start(["run", ...words(change, ...ONLY)]);
    await Promise.race([pause(moment), run.done]);
    run.signal("SIGKILL");
    const { stdout } = await run.done;
    const next = await runWhenFree(words(change, ...ONLY));
    expect(next.code, `${told}\n${stdout}\n${storyOf(next)}`).toBe(0);
    await settled(0);
    const outage = outageOf(await prober.stop());
    cost.push(
      `${moment} ms: ${outage.failed} of ${outage.requests} failed, longest gap ${Math.round(outage.longestGapMs)} ms`,
    );
    expect(outage.longestGapMs, `${told}\n${stdout}`).toBeLessThan(3000);
    const left = await Promise.all(
      ["lb1", "lb2"].map((node) => lab.output(node, "ls -d /var/lib/lbplay/journal 2>/dev/null || true")),
    );
    expect(left, told).toEqual(["", ""]);
    if (kill % CHANGES.length === 0) {
      const again = await runEvents(words(change, ...ONLY));
      expect({ code: again.code, changed: changedTasks(again.events) }, told).toEqual({
        code: 0,
        changed: [],
      });
    }
  }
  console.info(cost.join("\n"));
  expect((await lbplay(["run", ...words({}, ...ONLY)])).code).toBe(0);
}, 1_800_000);
