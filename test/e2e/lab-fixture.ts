import { existsSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import type { CommandResult } from "../../src/lab/command.ts";
import { run } from "../../src/lab/command.ts";
import { execOnNode } from "../../src/lab/exec.ts";
import { freeze, kill, plugCable, pullCable, thaw } from "../../src/lab/faults.ts";
import type { GroupVars } from "../../src/lab/inventory.ts";
import { type LabPlace, labDown, labNames, labNode, labReset, labStart, labUp } from "../../src/lab/lab.ts";
import { hostNames, type NodeSpec, roleOf, vipAddress } from "../../src/lab/names.ts";
import { type LabSite, sshWords } from "../../src/lab/node.ts";
import { type OwnerSampler, startOwnerSampler } from "../../src/lab/ownership.ts";
import { type Prober, startProber } from "../../src/lab/prober.ts";
import type { ProbeSettings } from "../../src/probe/sample.ts";
import { type Ahead, goAhead } from "./ahead-of-others.ts";

/** Images and package caches are shared by all test files and runs; each file has a lab of its own there. */
export const STATE_ROOT = process.env.LBPLAY_STATE ?? "/var/lib/lbplay";

/** Packages of a converged site: with them a role's package task has nothing left to do. */
export const SITE_PACKAGES = ["haproxy", "keepalived", "rsyslog", "logrotate", "openssl"] as const;

/** What a test file wants of its lab. */
export interface LabRequest {
  /** Part of the lab's name, which has to differ from that of every other test file: `run`, `faults`, … */
  readonly name: string;
  /** Names, whose beginning tells the role; default lb1 lb2 web1 web2 client. */
  readonly nodes?: readonly string[];
  /** Installed from the start, in an image layer that is built once; default none. */
  readonly packages?: readonly string[];
  readonly groupVars?: GroupVars;
  /** Whether the tests measure in milliseconds: nodes and clients that count have the processor before others; default false. */
  readonly measures?: boolean;
}

/** An up lab for the tests of one file. */
export interface TestLab {
  readonly place: LabPlace;
  /** Throws before beforeAll has run. */
  readonly site: () => LabSite;
  readonly inventoryFile: () => string;
  readonly vip: () => string;
  readonly address: (node: string) => string;
  /** Runs a script as root, whatever the state of network and sshd; any exit code is a value. */
  readonly exec: (node: string, script: string) => Promise<CommandResult>;
  /** Standard output of a script that has to exit 0. */
  readonly output: (node: string, script: string) => Promise<string>;
  /** Runs a command over ssh. */
  readonly ssh: (node: string, command: string, user?: string) => Promise<CommandResult>;
  /** Fresh disks for some nodes (absent: all), booted; about two seconds. */
  readonly reset: (...nodes: readonly string[]) => Promise<void>;
  readonly pullCable: (node: string) => Promise<void>;
  readonly plugCable: (node: string) => Promise<void>;
  readonly freeze: (node: string) => Promise<void>;
  readonly thaw: (node: string) => Promise<void>;
  readonly kill: (node: string) => Promise<void>;
  readonly start: (node: string) => Promise<void>;
  /** Counts from the node `client`, or another one, against the virtual IP, or another host. */
  readonly probe: (wish?: Partial<ProbeSettings> & { readonly from?: string }) => Promise<Prober>;
  /** Watches who of lb1 and lb2 holds the virtual IP, every 10 ms. */
  readonly watchOwner: () => Promise<OwnerSampler>;
}

/** The place of a lab of this test run; the process's number in the name tells a lab whose run is over. */
export const testPlace = (name: string): LabPlace => ({
  name: `e2e-${name}-${process.pid}`,
  stateRoot: STATE_ROOT,
  platform: process.platform,
  onProgress: (line) => console.info(`lab: ${line}`),
  now: Date.now,
});

/** Removes labs of test runs that were killed before they could clean up. */
export const removeForsaken = async (place: LabPlace): Promise<void> => {
  for (const name of await labNames(place.stateRoot)) {
    const pid = /^e2e-.*-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await labDown({ ...place, name });
  }
};

/** Brings a lab up before the tests of a file and down after them, also when they fail. */
export const withLab = (request: LabRequest): TestLab => {
  const place = testPlace(request.name);
  const nodes: readonly NodeSpec[] = (request.nodes ?? ["lb1", "lb2", "web1", "web2", "client"]).map(
    (name) => ({
      name,
      role: roleOf(name),
    }),
  );
  let up: { readonly site: LabSite; readonly inventoryFile: string } | null = null;
  const lab = (): { readonly site: LabSite; readonly inventoryFile: string } => {
    if (up === null) throw new Error("the lab is not up: use it in a test, not while tests are collected");
    return up;
  };
  let ahead: Ahead | null = null;
  const first = <T>(work: () => Promise<T>): Promise<T> => (ahead === null ? work() : ahead.during(work));
  beforeAll(async () => {
    await removeForsaken(place);
    if (request.measures) ahead = await goAhead();
    up = await first(() =>
      labUp(place, { nodes, packages: request.packages ?? [], groupVars: request.groupVars ?? {} }),
    );
    await ahead?.takeIn(hostNames(up.site.record.id).cgroup);
  });
  afterAll(async () => {
    await labDown(place);
    await ahead?.remove();
  });
  const site = (): LabSite => lab().site;
  const exec = (node: string, script: string): Promise<CommandResult> => execOnNode(site(), node, script);
  return {
    place,
    site,
    inventoryFile: () => lab().inventoryFile,
    vip: () => vipAddress(site().record.id),
    address: (node) => labNode(site(), node).address,
    exec,
    output: async (node, script) => {
      const { code, stdout, stderr } = await exec(node, script);
      if (code !== 0) throw new Error(`on ${node}, exit ${code}: ${script}\n${stdout}${stderr}`);
      return stdout;
    },
    ssh: (node, command, user = "admin") =>
      run([...sshWords(site(), labNode(site(), node), user, ["-o", "BatchMode=yes"]), command]),
    reset: (...names) => first(() => labReset(place, names.length === 0 ? null : names)),
    pullCable: (node) => pullCable(site(), node),
    plugCable: (node) => plugCable(site(), node),
    freeze: (node) => freeze(site(), node),
    thaw: (node) => thaw(site(), node),
    kill: (node) => kill(site(), node),
    start: (node) => first(() => labStart(place, node)),
    probe: ({ from = "client", ...wish } = {}) =>
      first(() => startProber(site(), from, { host: vipAddress(site().record.id), ...wish })),
    watchOwner: () =>
      startOwnerSampler(site(), ["lb1", "lb2"], { address: vipAddress(site().record.id), everyMs: 10 }),
  };
};
