import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, step } from "../src/build/step.ts";
import { type Lab, type LabPlace, labDown, labUp } from "../src/lab/lab.ts";
import {
  ansibleBest,
  ansibleDefaults,
  type Contestant,
  floor,
  lbplay,
  mitogen,
} from "./performance/contestants.ts";
import { type Fleet, fleetOf, onAll } from "./performance/fleet.ts";
import { type Comparison, type Measured, performancePage } from "./performance/report.ts";
import { longWorkload, siteWorkload, type Workload } from "./performance/workloads.ts";

// lbplay, Ansible in three ways and a hand-written floor at the same work:
// npm run bench -- performance [--rounds 5] [--tasks 10,40,200] [--round-trips 50,150]

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    tasks: { type: "string", default: "10,40,200" },
    "round-trips": { type: "string", default: "50,150" },
  },
});

const ROUNDS = Number(values.rounds);
const numbers = (text: string): readonly number[] =>
  text === "" ? [] : text.split(",").map((word) => Number(word));

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const place: LabPlace = {
  name: `bench-performance-${process.pid}`,
  stateRoot: process.env.LBPLAY_STATE ?? "/var/lib/lbplay",
  platform: process.platform,
  onProgress: say,
  now: Date.now,
};

/** What the site installs is there already, and what Ansible needs on a node. */
const PACKAGES = ["haproxy", "keepalived", "rsyslog", "logrotate", "nginx-light", "python3", "python3-apt"];

const CONTESTANTS: readonly Contestant[] = [lbplay, ansibleBest, mitogen, ansibleDefaults, floor];

/** A long play is not run as often: what it costs shows in one run. */
const roundsOf = ({ tasks }: Workload): number =>
  tasks >= 1000 ? 1 : tasks >= 200 ? Math.min(2, ROUNDS) : ROUNDS;

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort());

interface Arena {
  readonly lab: Lab;
  readonly fleet: Fleet;
}

/** Contestants in turns at a workload; `before` makes the state that each run finds. */
const compare = async (
  { fleet }: Arena,
  workload: Workload,
  contestants: readonly Contestant[],
  {
    rounds,
    before,
    changes,
  }: { readonly rounds: number; readonly before: () => Promise<void>; readonly changes: boolean },
): Promise<readonly Measured[]> => {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  const trips = new Map<string, number | null>();
  for (let round = 1; round <= rounds; round += 1)
    for (const contestant of contestants) {
      controller.signal.throwIfAborted();
      await before();
      const ran = await contestant.run(workload, fleet);
      if (contestant.applies && ran.changed > 0 !== changes)
        throw new Error(
          `${contestant.name} at ${workload.name}: changed=${ran.changed}, where ${changes ? "all was" : "nothing was"} to be changed`,
        );
      times.get(contestant.name)?.push(ran.milliseconds);
      trips.set(contestant.name, ran.trips);
      say(`${workload.name}: ${contestant.name}: ${ran.milliseconds.toFixed(0)} ms, changed=${ran.changed}`);
    }
  return [...times].map(([contestant, all]) => ({
    contestant,
    times: all,
    trips: trips.get(contestant) ?? null,
  }));
};

const asItIs = async (): Promise<void> => undefined;

const unchanged = async (arena: Arena, workload: Workload): Promise<Comparison> => {
  await onAll(arena.lab, arena.fleet, workload.undo);
  await lbplay.run(workload, arena.fleet);
  // Ansible's modules write some files in other words once (a sysctl.conf's spaces); a run of each settles that.
  await ansibleBest.run(workload, arena.fleet);
  await lbplay.run(workload, arena.fleet);
  return {
    title: `Nothing changed: ${workload.name}`,
    about: `All nodes are as the playbook wants them.`,
    measured: await compare(arena, workload, CONTESTANTS, {
      rounds: roundsOf(workload),
      before: asItIs,
      changes: false,
    }),
  };
};

const changed = async (arena: Arena, workload: Workload): Promise<Comparison> => ({
  title: `Everything changed: ${workload.name}`,
  about: "Before each run all files that the playbook makes are taken away; packages stay.",
  measured: await compare(
    arena,
    workload,
    CONTESTANTS.filter(({ applies }) => applies),
    {
      rounds: Math.min(3, roundsOf(workload)),
      before: () => onAll(arena.lab, arena.fleet, workload.undo),
      changes: true,
    },
  ),
});

const farAway = async (
  lab: Lab,
  directory: string,
  workload: Workload,
  roundTripMs: number,
): Promise<Comparison> => {
  const fleet = await fleetOf(lab, directory, roundTripMs);
  try {
    return {
      title: `Nothing changed, ${roundTripMs} ms away: ${workload.name}`,
      about: `Between lbplay or Ansible and sshd there is a way of ${roundTripMs} ms of round-trip time.`,
      measured: await compare({ lab, fleet }, workload, CONTESTANTS, {
        rounds: Math.min(3, ROUNDS),
        before: asItIs,
        changes: false,
      }),
    };
  } finally {
    await fleet.close();
  }
};

const versionsOf = async (): Promise<Readonly<Record<string, string>>> => {
  const first = async (...words: readonly string[]): Promise<string> =>
    (await step(words, { output: "keep" })).output.split("\n", 1).join("").trim();
  return {
    lbplay: await first(process.execPath, `${ROOT}dist/lbplay.js`, "--version"),
    Node: process.versions.node,
    Ansible: await first("ansible", "--version"),
    "Ansible, pipelining": "pipelining, ControlPersist=60s, 20 forks; its connections stay from run to run",
    "Ansible, defaults": "no settings",
    Mitogen: await first("dpkg-query", "-W", "-f", "${Version}", "ansible-mitogen"),
  };
};

const comparisons: Comparison[] = [];
const directory = await mkdtemp(join(tmpdir(), "lbplay-bench-"));
try {
  const installed = await step(
    ["sh", "-c", "[ -e /var/lib/dpkg/info/ansible-mitogen.list ] || apt-get install -y ansible-mitogen"],
    { output: "keep" },
  );
  if (installed.code !== 0) throw new Error(`ansible-mitogen is not installed:\n${installed.output}`);
  const lab = await labUp(place, { nodes: null, packages: PACKAGES, groupVars: {} });
  const arena: Arena = { lab, fleet: await fleetOf(lab, directory, 0) };
  const workloadAt = async (name: string): Promise<string> => {
    const path = join(directory, name);
    await mkdir(path);
    return path;
  };
  const site = await siteWorkload(await workloadAt("site"));
  comparisons.push(await unchanged(arena, site));
  for (const roundTripMs of numbers(values["round-trips"]))
    comparisons.push(await farAway(lab, directory, site, roundTripMs));
  comparisons.push(await changed(arena, site));
  for (const tasks of numbers(values.tasks)) {
    const workload = await longWorkload(await workloadAt(String(tasks)), tasks);
    comparisons.push(await unchanged(arena, workload));
    if (tasks < 200) comparisons.push(await changed(arena, workload));
  }
  await writeFile(`${ROOT}docs/performance.md`, performancePage(comparisons, await versionsOf()));
  say("docs/performance.md is written");
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = controller.signal.aborted ? 130 : 1;
} finally {
  await labDown(place);
  await rm(directory, { recursive: true });
}
