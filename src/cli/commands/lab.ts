import { LbplayError } from "../../core/error.ts";
import { argv } from "../../core/shell.ts";
import { runAttached } from "../../lab/command.ts";
import { freeze, kill, plugCable, pullCable, thaw } from "../../lab/faults.ts";
import {
  type LabPlace,
  labDown,
  labNames,
  labNode,
  labReset,
  labStart,
  labUp,
  openLab,
} from "../../lab/lab.ts";
import { defaultLabName, type NodeSpec, roleOf } from "../../lab/names.ts";
import { sshWords } from "../../lab/node.ts";
import { checkHost } from "../../lab/preconditions.ts";
import { labPaths } from "../../lab/state.ts";
import { labStatus, statusLines } from "../../lab/status.ts";
import { vagrantInventory } from "../../lab/vagrant-inventory.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { linkInventory, unlinkInventory } from "../lab-link.ts";
import type { LabAction, LabFault, LabOptions } from "../run-options.ts";

/** The embedded lab: brings it up and down, shows it, logs in to its nodes, breaks them. */
export const lab = async (options: LabOptions, io: Io): Promise<number> => {
  const place: LabPlace = {
    name: options.name ?? defaultLabName(io.cwd),
    stateRoot: options.stateRoot,
    platform: io.platform,
    onProgress: (line) => io.stderr.write(`${line}\n`),
    now: io.now,
  };
  const { action } = options;
  switch (action.kind) {
    case "up":
      return up(place, action, io);
    case "down": {
      const removed = await labDown(place);
      await unlinkInventory(io.cwd, labPaths(place.stateRoot, place.name).inventory);
      io.stdout.write(removed ? `${place.name} is gone\n` : `there was nothing of ${place.name}\n`);
      return EXIT.ok;
    }
    case "status":
      return status(place, options.name === null, io);
    case "inventory":
      io.stdout.write(`${(await openLab(place)).paths.inventory}\n`);
      return EXIT.ok;
    case "vagrant-inventory":
      return inventoryOfVagrant(io);
    case "ssh":
      return ssh(place, action);
    case "fault":
      return fault(place, action, io);
  }
};

const up = async (
  place: LabPlace,
  { nodes, packages, fresh }: Extract<LabAction, { readonly kind: "up" }>,
  io: Io,
): Promise<number> => {
  const started = io.now();
  const existed = (await labNames(place.stateRoot)).includes(place.name);
  const specs = nodes.length === 0 ? null : nodes.map(nodeSpec);
  const { site, inventoryFile, changed } = await labUp(place, { nodes: specs, packages, groupVars: {} });
  if (fresh && existed) await labReset(place);
  const took = ((io.now() - started) / 1000).toFixed(1);
  io.stdout.write(`${place.name} is up ${changed || fresh ? `(${took} s)` : "(as it was)"}\n`);
  for (const line of statusLines(await labStatus(site))) io.stdout.write(`  ${line}\n`);
  const linked = await linkInventory(io.cwd, "lab", inventoryFile);
  io.stdout.write(`inventory: ${linked ? "inventory/lab, which links to " : ""}${inventoryFile}\n`);
  return EXIT.ok;
};

/** The path alone on standard output, for -i "$(…)". */
const inventoryOfVagrant = async (io: Io): Promise<number> => {
  const { file, hosts, vip, absent } = await vagrantInventory({ cwd: io.cwd, env: io.env });
  const linked = await linkInventory(io.cwd, "vagrant", file);
  const lines = [
    ...hosts.map(({ name, address }) => `${name.padEnd(8)}${address}`),
    `virtual IP: ${vip}`,
    ...(absent.length === 0 ? [] : [`left out, as they do not run: ${absent.join(", ")}`]),
    ...(linked ? ["inventory/vagrant has these hosts now"] : []),
  ];
  io.stderr.write(`${lines.join("\n")}\n`);
  io.stdout.write(`${file}\n`);
  return EXIT.ok;
};

/** `lb1` or `lb1:haproxy+keepalived`: a node and the packages that it has from the start. */
const nodeSpec = (word: string): NodeSpec => {
  const [name = "", packages = ""] = word.split(":");
  const list = packages.split("+").filter((part) => part !== "");
  return { name, role: roleOf(name), ...(list.length === 0 ? {} : { packages: list }) };
};

const status = async (place: LabPlace, all: boolean, io: Io): Promise<number> => {
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
    return statusLines(await labStatus(await openLab(place)));
  } catch (error) {
    if (!(error instanceof LbplayError) || error.code !== "E_LAB_DOWN") throw error;
    return [`half made; lbplay lab down --name ${place.name} removes it`];
  }
};

const ssh = async (
  place: LabPlace,
  { node, command }: Extract<LabAction, { readonly kind: "ssh" }>,
): Promise<number> => {
  const site = await openLab(place);
  const words = sshWords(site, labNode(site, node), "root");
  // One word is a shell command line, as with ssh itself; several are a command and its arguments.
  const script = command.length > 1 ? argv(...command) : command[0];
  return runAttached(script === undefined ? words : [...words, script]);
};

const WHAT_HAPPENED: Readonly<Record<LabFault, string>> = {
  unplug: "has its cable pulled",
  plug: "has its cable back",
  freeze: "is frozen",
  thaw: "goes on",
  kill: "is off",
  start: "is on",
};

const fault = async (
  place: LabPlace,
  { fault: what, node }: Extract<LabAction, { readonly kind: "fault" }>,
  io: Io,
): Promise<number> => {
  await checkHost(place.platform);
  const site = await openLab(place);
  switch (what) {
    case "unplug":
      await pullCable(site, node);
      break;
    case "plug":
      await plugCable(site, node);
      break;
    case "freeze":
      await freeze(site, node);
      break;
    case "thaw":
      await thaw(site, node);
      break;
    case "kill":
      await kill(site, node);
      break;
    case "start":
      await labStart(place, node);
      break;
  }
  io.stdout.write(`${node} ${WHAT_HAPPENED[what]}\n`);
  return EXIT.ok;
};
