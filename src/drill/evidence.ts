import { logScript } from "./daemon-log.ts";
import { CLEAN_SCRIPT, DRILL_DIRECTORY } from "./guard.ts";
import { persist, run } from "./on-node.ts";
import { UNWATCH_SCRIPT, WATCH_SCRIPT } from "./recorder.ts";
import type { NodeClock } from "./result.ts";
import type { DrillGround } from "./world.ts";

/** What the nodes have written down of a repeat, by node. */
export interface Evidence {
  /** Lines `injecting STAMP`, `undone STAMP`. */
  readonly moments: ReadonlyMap<string, string>;
  readonly addresses: ReadonlyMap<string, string>;
  readonly logs: ReadonlyMap<string, string>;
}

/** Starts to write down who has which address. */
export const startWatching = async (world: DrillGround, name: string): Promise<void> => {
  await run(world, name, WATCH_SCRIPT);
};

const MOMENTS_SCRIPT = `${DRILL_DIRECTORY}\ncat "$d/moments" 2>/dev/null`;

/** Gets everything from the nodes, and removes what the drill keeps there; a node that is away has nothing. */
export const collect = async (
  world: DrillGround,
  since: number,
  clocks: readonly NodeClock[],
): Promise<Evidence> => {
  const found = await Promise.all(
    world.nodes.map(async ({ name }) => {
      const offset = clocks.find(({ node }) => node === name)?.offsetMs ?? 0;
      const get = (script: string): Promise<string> =>
        persist(world, name, 20_000, (node) => node.act(script, 20_000)).then(
          ({ stdout }) => stdout.toString("utf8"),
          () => "",
        );
      const addresses = await get(UNWATCH_SCRIPT);
      const moments = await get(MOMENTS_SCRIPT);
      const log = await get(logScript(Math.floor((since + offset) / 1000)));
      await get(CLEAN_SCRIPT);
      return { name, addresses, moments, log };
    }),
  );
  return {
    moments: new Map(found.map(({ name, moments }) => [name, moments])),
    addresses: new Map(found.map(({ name, addresses }) => [name, addresses])),
    logs: new Map(found.map(({ name, log }) => [name, log])),
  };
};
