import { type Probe, type ReadResult, read } from "../core/probe.ts";
import { TransportError } from "../core/transport.ts";
import type { DrillGround, DrillNode } from "./world.ts";

/** A script of a drill, or a look, that takes longer than this will not end, in milliseconds. */
const LIMIT_MS = 40_000;

/** An attempt at a node that may be away. */
const TRY_MS = 15_000;

const PAUSE_MS = 300;

/** A node of the pair by its name. */
export const nodeNamed = ({ nodes }: Pick<DrillGround, "nodes">, name: string): DrillNode => {
  const node = nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`${name} is no node of this drill`);
  return node;
};

/** Runs a script on a node; what it says is a value, a failure too. Throws TransportError. */
export const run = (world: DrillGround, name: string, script: string): Promise<ReadResult> =>
  nodeNamed(world, name).act(script, LIMIT_MS);

/** Reads a node once. Throws TransportError. */
export const ask = <T>(world: DrillGround, name: string, probe: Probe<T>): Promise<T> =>
  nodeNamed(world, name).read(probe, LIMIT_MS);

/** Does something on a node that is or was away, over fresh connections, until it is done or the time is over. Throws the last TransportError. */
export const persist = async <T>(
  world: DrillGround,
  name: string,
  limitMs: number,
  work: (node: DrillNode) => Promise<T>,
): Promise<T> => {
  const node = nodeNamed(world, name);
  const began = world.now();
  for (;;) {
    try {
      return await work(node);
    } catch (error) {
      if (!(error instanceof TransportError) || world.now() - began > limitMs) throw error;
      await giveUp(world, node);
      await world.wait(PAUSE_MS);
    }
  }
};

/** Closing a connection to a node that is gone may wait for its answer; nobody waits for that. */
export const giveUp = async (world: DrillGround, node: DrillNode): Promise<void> => {
  await Promise.race([node.reset().catch(() => undefined), world.wait(2000)]);
};

/** Tells one boot of a node from the next, in a container too, where the kernel goes on. */
export const bootProbe: Probe<string> = read(
  "cat /proc/sys/kernel/random/boot_id; cut -d' ' -f22 /proc/1/stat",
  ({ stdout }) => stdout.toString("utf8").trim(),
);

/**
 * Waits until a node has booted anew and answers; one that only went off is switched on, where somebody can. Throws
 * TransportError where it does not come back.
 */
export const awaitBoot = (
  world: DrillGround,
  name: string,
  earlier: string,
  limitMs: number,
): Promise<void> =>
  persist(world, name, limitMs, async (node) => {
    if (world.power !== null && (await world.power.isOff(name))) await world.power.on(name);
    const boot = await node.read(bootProbe, TRY_MS);
    if (boot === earlier)
      throw new TransportError({ fault: "lost", message: `${name} has not gone down for its reboot` });
  });

/** What a script said, in one line. */
export const saidText = ({ stdout, stderr }: ReadResult): string =>
  `${stderr.toString("utf8")}\n${stdout.toString("utf8")}`
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(0, 4)
    .join("; ");
