import { readFile } from "node:fs/promises";
import { LbplayError } from "../core/error.ts";
import type { AptProxySettings } from "./apt-proxy-main.ts";
import { secureHosts } from "./apt-sources.ts";
import { groupProcesses, hierarchies, killGroup, launch, removeEmptyGroup, setFrozen } from "./cgroup.ts";
import { poll } from "./command.ts";
import { aptCache, imageLayers, imagesDirectory, readAptSetup, removeUnfinishedBuilds } from "./image.ts";
import { pruneImages } from "./image-pruning.ts";
import { type GroupVars, inventoryText } from "./inventory.ts";
import { ensureKeys } from "./keys.ts";
import { withLock } from "./lock.ts";
import {
  checkNames,
  gatewayAddress,
  hostNames,
  type NodeSpec,
  nodeAddresses,
  STANDARD_NODES,
} from "./names.ts";
import { networkDown, networkUp } from "./network.ts";
import {
  isPlugged,
  type LabSite,
  nodeGroup,
  nodeState,
  powerOff,
  removeDisk,
  setPlugged,
  startNode,
  waitForLogin,
} from "./node.ts";
import { checkHost } from "./preconditions.ts";
import { programWords } from "./program.ts";
import {
  type LabRecord,
  labPaths,
  labsWithFiles,
  type NodeRecord,
  readRecord,
  removeLabFiles,
  writeRecord,
  writeWhole,
} from "./state.ts";
import { allReservations, reservedBy, reserveSubnet } from "./subnet.ts";

/** Which lab, and what its host is. */
export interface LabPlace {
  readonly name: string;
  /** Images, caches and all labs; e.g. /var/lib/lbplay. */
  readonly stateRoot: string;
  /** `process.platform`. */
  readonly platform: string;
  readonly onProgress: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What `up` is asked for. */
export interface LabWish {
  /** null: those that the lab has, or the standard five. */
  readonly nodes: readonly NodeSpec[] | null;
  /** Packages that every node has from the start. */
  readonly packages: readonly string[];
  readonly groupVars: GroupVars;
}

/** A lab that is up. */
export interface Lab {
  readonly site: LabSite;
  readonly inventoryFile: string;
  /** False: everything was there already. */
  readonly changed: boolean;
}

/** Brings a lab up, or mends what is missing of one that is. */
export const labUp = async (place: LabPlace, wish: LabWish): Promise<Lab> => {
  checkNames(place.name, wish.nodes ?? []);
  await checkHost(place.platform);
  return locked(place, async () => {
    const record = await recordFor(place, wish);
    const paths = labPaths(place.stateRoot, record.name);
    const site: LabSite = { record, paths, hierarchies: await hierarchies() };
    await writeRecord(place.stateRoot, record);
    await ensureKeys(paths, record);
    await networkUp(place.stateRoot, record.id);
    const proxyPort = await ensureProxy(place, site);
    const mended = await Promise.all(record.nodes.map((node) => ensureNode(site, node, proxyPort)));
    await Promise.all(record.nodes.map((node) => waitForLogin(site, node)));
    await writeWhole(paths.inventory, inventoryText(paths, record, wish.groupVars));
    return { site, inventoryFile: paths.inventory, changed: mended.includes(true) };
  });
};

const locked = <T>({ stateRoot, name, onProgress }: LabPlace, work: () => Promise<T>): Promise<T> =>
  withLock(
    {
      stateRoot,
      name: `lab-${name}`,
      onWait: () => onProgress(`another process works on the lab ${name}: waiting`),
    },
    work,
  );

/** The lab's record: as it was, or made for the wish. Images are built before anything of the lab is. */
const recordFor = async (place: LabPlace, wish: LabWish): Promise<LabRecord> => {
  const { stateRoot, name, onProgress, now } = place;
  const present = await readRecord(stateRoot, name);
  const nodes = wish.nodes ?? present?.nodes ?? STANDARD_NODES;
  if (present !== null) {
    if (sameWish(present, nodes, wish)) return present;
    throw new LbplayError({
      code: "E_LAB_DIFFERENT",
      message: `the lab ${name} is up with other nodes or packages: ${present.nodes.map((node) => node.name).join(", ")}`,
      hint: `lbplay lab down --name ${name}, or another --name`,
    });
  }
  const context = { stateRoot, hierarchies: await hierarchies(), onProgress, now };
  const layers: (readonly string[])[] = [];
  for (const node of nodes)
    layers.push(await imageLayers(context, [...wish.packages, ...(node.packages ?? [])]));
  await pruneImages(stateRoot, imagesDirectory(stateRoot), now());
  const id = await reserveSubnet(stateRoot, name, now());
  const addresses = nodeAddresses(nodes, id);
  const records = nodes.map((node, index) => ({
    ...node,
    address: addresses.get(node.name) ?? "",
    layers: layers[index] ?? [],
  }));
  return { name, id, packages: wish.packages, nodes: records };
};

const sameWish = (present: LabRecord, nodes: readonly NodeSpec[], wish: LabWish): boolean => {
  const shape = (list: readonly NodeSpec[]): string =>
    JSON.stringify(list.map(({ name, role, packages }) => [name, role, packages ?? []]));
  const samePackages =
    wish.packages.length === 0 || JSON.stringify(wish.packages) === JSON.stringify(present.packages);
  return shape(nodes) === shape(present.nodes) && samePackages;
};

const proxyGroup = ({ record }: LabSite): string => `${hostNames(record.id).cgroup}/apt-proxy`;

/** The port of the lab's package proxy, which is started where it does not run. */
const ensureProxy = async (place: LabPlace, site: LabSite): Promise<number> => {
  const { paths, record, hierarchies: at } = site;
  const port = async (): Promise<number | null> => {
    const text = await readFile(paths.proxyPort, "utf8").catch(() => null);
    return text === null ? null : Number(text);
  };
  const before = await port();
  const running = (await groupProcesses(at, proxyGroup(site))).length > 0;
  if (running && before !== null) return before;
  await killGroup(at, proxyGroup(site));
  const settings: AptProxySettings = {
    address: gatewayAddress(record.id),
    port: before ?? 0,
    cache: aptCache(place.stateRoot),
    secureHosts: secureHosts((await readAptSetup()).sources),
    portFile: paths.proxyPort,
  };
  await writeWhole(paths.proxySettings, JSON.stringify(settings));
  await launch(at, {
    group: proxyGroup(site),
    words: await programWords("apt-proxy-main"),
    input: paths.proxySettings,
    log: paths.proxyLog,
  });
  const answered = await poll(port, { everyMs: 50, forMs: 10_000 });
  if (answered !== null) return answered;
  const log = await readFile(paths.proxyLog, "utf8").catch(() => "");
  throw new LbplayError({
    code: "E_LAB_PROXY",
    message: `the lab's package proxy does not start:\n${log.trim()}`,
  });
};

/** Says whether there was something to mend. */
const ensureNode = async (site: LabSite, node: NodeRecord, proxyPort: number): Promise<boolean> => {
  const state = await nodeState(site, node.name);
  if (state === "off") {
    await powerOff(site, node.name);
    await startNode(site, node, proxyPort);
    return true;
  }
  if (state === "frozen") await setFrozen(site.hierarchies, nodeGroup(site, node.name), false);
  const plugged = await isPlugged(site, node.name);
  if (plugged === false) await setPlugged(site, node.name, true);
  return state === "frozen" || plugged === false;
};

/** Removes everything that `up` made, whole or in part; twice is fine. Says whether there was anything. */
export const labDown = async (place: LabPlace): Promise<boolean> => {
  await checkHost(place.platform);
  return locked(place, async () => {
    const { stateRoot, name } = place;
    const at = await hierarchies();
    const record = await readRecord(stateRoot, name);
    const ids = await reservedBy(stateRoot, name);
    const files = (await labsWithFiles(stateRoot)).includes(name);
    for (const id of ids) {
      await killGroup(at, hostNames(id).cgroup);
      const site: LabSite = {
        record: record ?? { name, id, packages: [], nodes: [] },
        paths: labPaths(stateRoot, name),
        hierarchies: at,
      };
      for (const node of site.record.nodes) await powerOff(site, node.name);
      await removeLabFiles(stateRoot, name);
      await networkDown(stateRoot, id);
    }
    await removeLabFiles(stateRoot, name);
    await removeUnfinishedBuilds(stateRoot, at);
    await removeEmptyGroup(at, "lbplay");
    return ids.length > 0 || files;
  });
};

/** Removes every lab of a state directory; the names of those that there was anything of. */
export const labDownAll = async (place: Omit<LabPlace, "name">): Promise<readonly string[]> => {
  const names = await labNames(place.stateRoot);
  for (const name of names) await labDown({ ...place, name });
  return names;
};

/** The names of all labs that there is anything of. */
export const labNames = async (stateRoot: string): Promise<readonly string[]> => {
  const owners = (await allReservations(stateRoot)).map(({ owner }) => owner);
  return [...new Set([...owners, ...(await labsWithFiles(stateRoot))])]
    .filter((name) => name !== "")
    .toSorted();
};

/** A lab that `up` made; E_LAB_DOWN when there is none. */
export const openLab = async ({ stateRoot, name }: LabPlace): Promise<LabSite> => {
  const record = await readRecord(stateRoot, name);
  if (record !== null) return { record, paths: labPaths(stateRoot, name), hierarchies: await hierarchies() };
  const others = await labNames(stateRoot);
  throw new LbplayError({
    code: "E_LAB_DOWN",
    message: `there is no lab ${name}${others.length === 0 ? "" : ` (there are: ${others.join(", ")})`}`,
    hint: `lbplay lab up --name ${name}`,
  });
};

/** A node of a lab; E_LAB_NODE when it has none of that name. */
export const labNode = ({ record }: LabSite, name: string): NodeRecord => {
  const found = record.nodes.find((node) => node.name === name);
  if (found !== undefined) return found;
  throw new LbplayError({
    code: "E_LAB_NODE",
    message: `the lab ${record.name} has no node ${name}`,
    hint: `its nodes are ${record.nodes.map((node) => node.name).join(", ")}`,
  });
};

/** Gives nodes (null: all) a fresh disk and boots them, as if just installed. */
export const labReset = async (place: LabPlace, names: readonly string[] | null = null): Promise<void> =>
  locked(place, async () => {
    const site = await openLab(place);
    const nodes = names === null ? site.record.nodes : names.map((name) => labNode(site, name));
    const proxyPort = await ensureProxy(place, site);
    await Promise.all(
      nodes.map(async (node) => {
        await powerOff(site, node.name);
        await removeDisk(site, node.name);
        await startNode(site, node, proxyPort);
        await waitForLogin(site, node);
      }),
    );
  });

/** Powers a node on again, on the disk it has, and waits for its login. */
export const labStart = (place: LabPlace, name: string): Promise<void> =>
  locked(place, async () => {
    const site = await openLab(place);
    const node = labNode(site, name);
    await ensureNode(site, node, await ensureProxy(place, site));
    await waitForLogin(site, node);
  });
