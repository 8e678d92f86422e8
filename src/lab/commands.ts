import { readFile } from "node:fs/promises";
import { LbplayError } from "../core/error.ts";
import { runAttached } from "./command.ts";
import { freeze, kill, plugCable, pullCable, thaw } from "./faults.ts";
import type { GroupVars } from "./inventory.ts";
import { type LabPlace, labDown, labNames, labNode, labStart, labUp, openLab } from "./lab.ts";
import { defaultLabName, roleOf } from "./names.ts";
import { sshWords } from "./node.ts";
import { labStatus, statusLines } from "./status.ts";

/** What every `lbplay lab` command is told. */
export interface LabCommandOptions {
  /** null: the name that belongs to the checkout. */
  readonly name: string | null;
  /** The directory of the checkout, absolute. */
  readonly checkout: string;
  /** Images, caches and all labs; e.g. /var/lib/lbplay. */
  readonly stateRoot: string;
  /** `process.platform`. */
  readonly platform: string;
  /** Takes what the command answers, line by line. */
  readonly print: (line: string) => void;
  /** Takes what it is doing. */
  readonly onProgress: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The lab that a command means. */
export const labPlace = ({
  name,
  checkout,
  stateRoot,
  platform,
  onProgress,
  now,
}: LabCommandOptions): LabPlace => ({
  name: name ?? defaultLabName(checkout),
  stateRoot,
  platform,
  onProgress,
  now,
});

/** `lbplay lab up`: brings the lab up or mends it. The exit code, as from all commands here. */
export const labUpCommand = async (
  options: LabCommandOptions,
  wish: {
    /** Node names, whose beginning tells the role; null: the standard five, or those that the lab has. */
    readonly nodes: readonly string[] | null;
    readonly packages: readonly string[];
    readonly groupVars: GroupVars;
  },
): Promise<number> => {
  const place = labPlace(options);
  const nodes = wish.nodes?.map((name) => ({ name, role: roleOf(name) })) ?? null;
  const lab = await labUp(place, { ...wish, nodes });
  const names = lab.site.record.nodes.map((node) => node.name).join(", ");
  options.print(`lab ${place.name} ${lab.changed ? "is up" : "was up already"}: ${names}`);
  options.print(`inventory: ${lab.inventoryFile}`);
  return 0;
};

/** `lbplay lab down [--all]`: removes everything that `up` made. */
export const labDownCommand = async (
  options: LabCommandOptions,
  { all }: { readonly all: boolean },
): Promise<number> => {
  const place = labPlace(options);
  const names = all ? await labNames(place.stateRoot) : [place.name];
  if (names.length === 0) options.print("there is no lab");
  for (const name of names) {
    const removed = await labDown({ ...place, name });
    options.print(removed ? `lab ${name} is gone` : `there was no lab ${name}`);
  }
  return 0;
};

/** `lbplay lab status`: one line per node; 1 when there is no such lab or a node is not running. */
export const labStatusCommand = async (options: LabCommandOptions): Promise<number> => {
  const nodes = await labStatus(await openLab(labPlace(options)));
  for (const line of statusLines(nodes)) options.print(line);
  return nodes.every(({ state, cable }) => state === "running" && cable === "plugged") ? 0 : 1;
};

/** `lbplay lab ssh NODE [CMD]`: a shell or a command on a node, on the caller's terminal; ssh's exit code. */
export const labSshCommand = async (
  options: LabCommandOptions,
  wish: { readonly node: string; readonly command: readonly string[]; readonly user: string },
): Promise<number> => {
  const site = await openLab(labPlace(options));
  return runAttached([...sshWords(site, labNode(site, wish.node), wish.user), ...wish.command]);
};

/** `lbplay lab inventory`: the inventory's text. */
export const labInventoryCommand = async (options: LabCommandOptions): Promise<number> => {
  const { paths } = await openLab(labPlace(options));
  options.print((await readFile(paths.inventory, "utf8")).trimEnd());
  return 0;
};

/** `lbplay lab cable NODE pull|plug`. */
export const labCableCommand = async (
  options: LabCommandOptions,
  { node, state }: { readonly node: string; readonly state: string },
): Promise<number> => {
  if (state !== "pull" && state !== "plug") {
    throw new LbplayError({
      code: "E_USAGE",
      message: `a cable is pulled or plugged: 'pull' or 'plug', not '${state}'`,
    });
  }
  const site = await openLab(labPlace(options));
  await (state === "pull" ? pullCable : plugCable)(site, node);
  return 0;
};

/** `lbplay lab freeze NODE`. */
export const labFreezeCommand = async (options: LabCommandOptions, node: string): Promise<number> => {
  await freeze(await openLab(labPlace(options)), node);
  return 0;
};

/** `lbplay lab thaw NODE`. */
export const labThawCommand = async (options: LabCommandOptions, node: string): Promise<number> => {
  await thaw(await openLab(labPlace(options)), node);
  return 0;
};

/** `lbplay lab kill NODE`: power off. */
export const labKillCommand = async (options: LabCommandOptions, node: string): Promise<number> => {
  await kill(await openLab(labPlace(options)), node);
  return 0;
};

/** `lbplay lab start NODE`: power on. */
export const labStartCommand = async (options: LabCommandOptions, node: string): Promise<number> => {
  await labStart(labPlace(options), node);
  return 0;
};
