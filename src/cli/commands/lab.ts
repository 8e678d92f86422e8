import { LbplayError } from "../../core/error.ts";
import { argv } from "../../core/shell.ts";
import { runAttached } from "../../lab/command.ts";
import { embeddedLab } from "../../lab/embedded.ts";
import { type LabPlace, labNames, openLab } from "../../lab/lab.ts";
import { defaultLabName } from "../../lab/names.ts";
import type { LabFault, LabProvider, UpWish } from "../../lab/provider.ts";
import { type NodeStatus, statusLines } from "../../lab/status.ts";
import { vagrantLab } from "../../lab/vagrant-lab.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { linkInventory, unlinkInventory } from "../lab-link.ts";
import type { LabAction, LabOptions } from "../run-options.ts";

/** Labs: brings them up and down, shows them, logs in to their nodes, breaks those. */
export const lab = async (options: LabOptions, io: Io): Promise<number> => {
  const place: LabPlace = {
    name: options.name ?? defaultLabName(io.cwd),
    stateRoot: options.stateRoot,
    platform: io.platform,
    onProgress: (line) => io.stderr.write(`${line}\n`),
    now: io.now,
  };
  const { action, provider: maker } = options;
  if (action.kind === "status" && maker === "embedded")
    return embeddedStatus(place, options.name === null, io);
  const provider = maker === "vagrant" ? await vagrantLab({ cwd: io.cwd, env: io.env }) : embeddedLab(place);
  switch (action.kind) {
    case "up":
      return up(provider, action, io);
    case "down": {
      const { inventoryFile, removed } = await provider.down();
      await unlinkInventory(io.cwd, provider.name, inventoryFile);
      io.stdout.write(removed ? `${provider.title} is gone\n` : `there was nothing of ${provider.title}\n`);
      return EXIT.ok;
    }
    case "status":
      io.stdout.write(`${provider.title}\n`);
      writeNodes(await provider.status(), io);
      return EXIT.ok;
    case "inventory":
      return inventory(provider, io);
    case "ssh":
      return ssh(provider, action);
    case "fault":
      await provider.fault(action.fault, action.node);
      io.stdout.write(`${action.node} ${WHAT_HAPPENED[action.fault]}\n`);
      return EXIT.ok;
  }
};

const up = async (provider: LabProvider, wish: UpWish, io: Io): Promise<number> => {
  const started = io.now();
  const { nodes, inventoryFile, changed } = await provider.up(wish);
  const took = ((io.now() - started) / 1000).toFixed(1);
  io.stdout.write(`${provider.title} is up ${changed ? `(${took} s)` : "(as it was)"}\n`);
  writeNodes(nodes, io);
  const linked = await linkInventory(io.cwd, provider.name, inventoryFile);
  io.stdout.write(`inventory: ${linked === null ? "" : `${linked}, which links to `}${inventoryFile}\n`);
  return EXIT.ok;
};

const writeNodes = (nodes: readonly NodeStatus[], io: Io): void => {
  for (const line of statusLines(nodes)) io.stdout.write(`  ${line}\n`);
};

/** The path alone on standard output, for -i "$(…)". */
const inventory = async (provider: LabProvider, io: Io): Promise<number> => {
  const { file, notes, made } = await provider.inventory();
  const linked = made ? await linkInventory(io.cwd, provider.name, file) : null;
  const lines = [...notes, ...(linked === null ? [] : [`${linked} has these hosts now`])];
  for (const line of lines) io.stderr.write(`${line}\n`);
  io.stdout.write(`${file}\n`);
  return EXIT.ok;
};

const embeddedStatus = async (place: LabPlace, all: boolean, io: Io): Promise<number> => {
  const names = all ? await labNames(place.stateRoot) : [place.name];
  if (!all) await openLab(place);
  if (names.length === 0) io.stdout.write("there is no lab; lbplay lab up makes one\n");
  for (const name of names) {
    io.stdout.write(`${name}${name === place.name ? "" : `  (--name ${name})`}\n`);
    for (const line of await stateOf({ ...place, name })) io.stdout.write(`  ${line}\n`);
  }
  return EXIT.ok;
};

const stateOf = async (place: LabPlace): Promise<readonly string[]> => {
  try {
    return statusLines(await embeddedLab(place).status());
  } catch (error) {
    if (!(error instanceof LbplayError) || error.code !== "E_LAB_DOWN") throw error;
    return [`half made; lbplay lab down --name ${place.name} removes it`];
  }
};

const ssh = async (
  provider: LabProvider,
  { node, command }: Extract<LabAction, { readonly kind: "ssh" }>,
): Promise<number> => {
  // One word is a shell command line, as with ssh itself; several are a command and its arguments.
  const script = command.length > 1 ? argv(...command) : command[0];
  return runAttached(await provider.sshWords(node, script ?? null));
};

const WHAT_HAPPENED: Readonly<Record<LabFault, string>> = {
  unplug: "has its cable pulled",
  plug: "has its cable back",
  freeze: "is frozen",
  thaw: "goes on",
  kill: "is off",
  start: "is on",
};
