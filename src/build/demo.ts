import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { LbplayError, LbplayErrors } from "../core/error.ts";
import { poll } from "../lab/command.ts";
import { execOnNode } from "../lab/exec.ts";
import { type Lab, type LabPlace, labDown, labUp } from "../lab/lab.ts";
import { vipAddress } from "../lab/names.ts";
import type { LabSite } from "../lab/node.ts";
import { startOwnerSampler } from "../lab/ownership.ts";
import { startProber } from "../lab/prober.ts";
import { outageOf } from "../probe/outage.ts";
import { errorText } from "../report/error-text.ts";
import { createPalette, wantsColour } from "../report/palette.ts";
import { bundle } from "./bundle.ts";
import { ROOT, step } from "./step.ts";

// The product doing its main job, from nothing to a failover: npm run demo [-- --keep]

const { values } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
const palette = createPalette(wantsColour({ env: process.env, isTTY: process.stdout.isTTY === true }));

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const heading = (text: string): void => say(`\n${palette.heading(`== ${text}`)}`);

const place: LabPlace = {
  name: `demo-${createHash("sha256").update(ROOT).digest("hex").slice(0, 8)}`,
  stateRoot: process.env.LBPLAY_STATE ?? "/var/lib/lbplay",
  platform: process.platform,
  onProgress: say,
  now: Date.now,
};

/** Ends the demo with what is wrong. */
class DemoFailure extends Error {
  override readonly name = "DemoFailure";
}

const demo = async (stop: AbortSignal): Promise<void> => {
  heading("build");
  await bundle();
  say("dist/lbplay.js");
  heading(`a lab of real nodes: lb1, lb2, web1, web2 and a client (${place.name})`);
  const lab = await labUp(place, { nodes: null, packages: [], groupVars: {} });
  stop.throwIfAborted();
  heading("first run: from bare nodes to a load-balanced site");
  await runSite(lab);
  stop.throwIfAborted();
  const vip = vipAddress(lab.site.record.id);
  heading(`the page through the virtual address ${vip}`);
  await showPages(lab.site, vip);
  heading("second run: nothing to do");
  await expectUnchanged(lab);
  stop.throwIfAborted();
  heading("HAProxy is killed on the owner of the virtual address, while a client counts");
  await failover(lab.site, vip);
  if (values.keep) {
    heading("the lab is kept");
    say(`node dist/lbplay.js run playbooks/site.yaml -i inventory/lab -i ${lab.inventoryFile}`);
    say(`node dist/lbplay.js lab ssh lb1 --name ${place.name}`);
    say(`node dist/lbplay.js lab down --name ${place.name}`);
  }
};

/** The later inventory wins: another lab may be linked into inventory/lab. */
const siteCommand = (lab: Lab, ...more: readonly string[]): readonly string[] => [
  process.execPath,
  `${ROOT}dist/lbplay.js`,
  "run",
  "playbooks/site.yaml",
  "-i",
  "inventory/lab",
  "-i",
  lab.inventoryFile,
  ...more,
];

const runSite = async (lab: Lab): Promise<void> => {
  say(`$ lbplay ${siteCommand(lab).slice(2).join(" ")}`);
  const { code } = await step(siteCommand(lab), { output: "show" });
  if (code !== 0) throw new DemoFailure(`the run ended with ${code}`);
};

const expectUnchanged = async (lab: Lab): Promise<void> => {
  const { code, output } = await step(siteCommand(lab, "--output", "plain"), { output: "keep" });
  const recap = output.slice(output.lastIndexOf("PLAY RECAP"));
  say(recap.trimEnd());
  if (code !== 0) throw new DemoFailure(`the second run ended with ${code}:\n${output}`);
  if (/changed=[1-9]/.test(recap)) throw new DemoFailure(`the second run changed something:\n${output}`);
};

/** Asks until both web nodes have answered. */
const showPages = async (site: LabSite, vip: string): Promise<void> => {
  const seen = new Set<string>();
  const both = await poll(
    async () => {
      const answer = await execOnNode(site, "client", `curl -sf -m 2 http://${vip}/`);
      const page = answer.stdout.trim();
      if (answer.code === 0 && !seen.has(page)) {
        seen.add(page);
        say(page);
      }
      return seen.size >= 2 ? true : null;
    },
    { everyMs: 200, forMs: 20_000 },
  );
  if (both === null) throw new DemoFailure(`${seen.size} of 2 web nodes answered through ${vip}`);
};

const LOAD_BALANCERS = ["lb1", "lb2"];

/** What is counted before the fault, and how long after it. */
const BEFORE_MS = 1_000;
const AFTER_MS = 4_000;

/** A keepalived this many seconds old is past its vrrp_startup_delay (5 s): before, a backup does not take over. */
const SETTLED_SECONDS = 7;

const settle = async (site: LabSite): Promise<void> => {
  const age = async (node: string): Promise<number> => {
    const { stdout } = await execOnNode(site, node, "ps -o etimes= -C keepalived | sort -n | head -n 1");
    return stdout.trim() === "" ? 0 : Number(stdout);
  };
  const settled = await poll(
    async () => {
      const ages = await Promise.all(LOAD_BALANCERS.map(age));
      return Math.min(...ages) >= SETTLED_SECONDS ? true : null;
    },
    { everyMs: 200, forMs: 30_000 },
  );
  if (settled === null) throw new DemoFailure("keepalived does not stay up on both load balancers");
};

const failover = async (site: LabSite, vip: string): Promise<void> => {
  await settle(site);
  const sampler = await startOwnerSampler(site, LOAD_BALANCERS, { address: vip, everyMs: 5 });
  const prober = await startProber(site, "client", { host: vip });
  await pause(BEFORE_MS);
  const before = await ownerOf(site, vip);
  say(`${before} owns ${vip}: kill -9 of its haproxy`);
  // The nodes' clock is this machine's.
  const { stdout } = await execOnNode(site, before, "date +%s%3N && pkill -KILL -x haproxy");
  const killed = Number(stdout);
  await pause(AFTER_MS);
  const outage = outageOf(await prober.stop());
  const { changes } = sampler.stop();
  const after = changes.at(-1)?.owners ?? [];
  for (const change of changes.slice(1)) {
    say(`  after ${(change.from - killed).toFixed(0)} ms: ${change.owners.join(" and ") || "nobody"}`);
  }
  say(`outage as the client saw it: ${outage.longestGapMs.toFixed(0)} ms`);
  say(`${outage.requests} requests, ${outage.failed} failed`);
  say(`${after.join(" and ")} owns ${vip} now`);
  if (after.length !== 1) throw new DemoFailure(`${after.length} nodes own ${vip}`);
};

const ownerOf = async (site: LabSite, vip: string): Promise<string> => {
  const sampler = await startOwnerSampler(site, LOAD_BALANCERS, { address: vip, everyMs: 50 });
  const owners = sampler.stop().changes.at(-1)?.owners ?? [];
  const [owner] = owners;
  if (owner === undefined || owners.length > 1) throw new DemoFailure(`${owners.length} nodes own ${vip}`);
  return owner;
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The error as a user is shown it; a bug keeps its stack. */
const tell = (error: unknown, stop: AbortSignal): void => {
  if (stop.aborted) say("\nstopped");
  else if (error instanceof DemoFailure) say(palette.failed(`\nthe demo failed: ${error.message}`));
  else if (error instanceof LbplayError || error instanceof LbplayErrors) {
    process.stdout.write(`\n${errorText(error, palette)}`);
  } else say(`\n${error instanceof Error ? error.stack : String(error)}`);
};

/** The demo from begin to end: what it made is removed, however it ends. */
const perform = async (stop: AbortSignal): Promise<number> => {
  const started = Date.now();
  const worked = await demo(stop).then(
    () => true,
    (error: unknown) => {
      tell(error, stop);
      return false;
    },
  );
  if (!(values.keep && worked)) {
    const removed = await labDown(place).catch((error: unknown) => {
      // A host that cannot have a lab was told so already.
      if (!(error instanceof LbplayError || error instanceof LbplayErrors)) throw error;
      return false;
    });
    if (removed) say(`\n${place.name} is gone`);
  }
  say(`${((Date.now() - started) / 1000).toFixed(0)} s`);
  return worked ? 0 : stop.aborted ? 130 : 1;
};

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort());
process.exitCode = await perform(controller.signal);
