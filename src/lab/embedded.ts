import { freeze, kill, plugCable, pullCable, thaw } from "./faults.ts";
import { type LabPlace, labDown, labNames, labNode, labReset, labStart, labUp, openLab } from "./lab.ts";
import { type NodeSpec, roleOf } from "./names.ts";
import { sshWords } from "./node.ts";
import { checkHost } from "./preconditions.ts";
import type { LabFault, LabProvider } from "./provider.ts";
import { labPaths } from "./state.ts";
import { labStatus } from "./status.ts";

/** Nodes in containers of this machine, all by lbplay itself. */
export const embeddedLab = (place: LabPlace): LabProvider => ({
  name: "embedded",
  title: place.name,
  up: async ({ nodes, packages, fresh }) => {
    const existed = (await labNames(place.stateRoot)).includes(place.name);
    const specs = nodes.length === 0 ? null : nodes.map(nodeSpec);
    const { site, inventoryFile, changed } = await labUp(place, { nodes: specs, packages, groupVars: {} });
    if (fresh && existed) await labReset(place);
    return { nodes: await labStatus(site), inventoryFile, changed: changed || fresh };
  },
  down: async () => ({
    removed: await labDown(place),
    inventoryFile: labPaths(place.stateRoot, place.name).inventory,
  }),
  status: async () => labStatus(await openLab(place)),
  inventory: async () => ({ file: (await openLab(place)).paths.inventory, notes: [], made: false }),
  sshWords: async (node, script) => {
    const site = await openLab(place);
    const words = sshWords(site, labNode(site, node), "root");
    return script === null ? words : [...words, script];
  },
  fault: async (fault, node) => {
    await checkHost(place.platform);
    await FAULTS[fault](place, node);
  },
});

/** `lb1` or `lb1:haproxy+keepalived`: a node and the packages that it has from the start. */
const nodeSpec = (word: string): NodeSpec => {
  const [name = "", packages = ""] = word.split(":");
  const list = packages.split("+").filter((part) => part !== "");
  return { name, role: roleOf(name), ...(list.length === 0 ? {} : { packages: list }) };
};

const FAULTS: Readonly<Record<LabFault, (place: LabPlace, node: string) => Promise<void>>> = {
  unplug: async (place, node) => pullCable(await openLab(place), node),
  plug: async (place, node) => plugCable(await openLab(place), node),
  freeze: async (place, node) => freeze(await openLab(place), node),
  thaw: async (place, node) => thaw(await openLab(place), node),
  kill: async (place, node) => kill(await openLab(place), node),
  start: labStart,
};
