import { beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/core/event.ts";
import { CATALOGUES, type Catalogue } from "./drift/catalogue.ts";
import { type Random, seeded } from "./drift/random.ts";
import { differences, everythingOf, managedOf } from "./drift/state.ts";
import { SITE_PACKAGES, withLab } from "./lab-fixture.ts";
import { recapOf, runEvents } from "./lbplay.ts";

/** Another one: LBPLAY_DRIFT_SEED=4711 npx vitest run … test/e2e/drift.test.ts */
const SEED = Number(process.env.LBPLAY_DRIFT_SEED ?? 20_260_101);
const ROUNDS = Number(process.env.LBPLAY_DRIFT_ROUNDS ?? 20);
/** Only disturbances whose title matches, to look at some more closely. */
const ONLY = new RegExp(process.env.LBPLAY_DRIFT_ONLY ?? "");

const NODES = ["lb1", "lb2", "web1", "web2"] as const;
type Node = (typeof NODES)[number];

const lab = withLab({ name: "drift", nodes: NODES, packages: SITE_PACKAGES });

/** The lab's own inventory comes last and wins: somebody's lab may be linked into inventory/lab. */
const site = (...words: readonly string[]): readonly string[] => [
  "playbooks/site.yaml",
  "-i",
  "inventory/lab",
  "-i",
  lab.inventoryFile(),
  ...words,
];

/** The nodes as the site left them first. */
const converged = new Map<Node, readonly string[]>();

beforeAll(async () => {
  const first = await runEvents(site());
  expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
  for (const node of NODES) converged.set(node, await managedOf(lab, node));
  console.info(`drift: seed ${SEED}, ${ROUNDS} rounds`);
});

describe("a disturbed site", () => {
  it.each(roundsOf(seeded(SEED)))(
    "is described exactly by check mode, and repaired, in round $round",
    { timeout: 120_000 },
    async ({ round, disturbances }) => {
      const told = [
        `seed ${SEED}, round ${round}:`,
        ...disturbances.map(({ node, title }) => `${node}: ${title}`),
      ].join("\n  ");
      await disturb(disturbances);
      const before = await onAll(everythingOf);
      const check = await runEvents(site("--check"));
      const after = await onAll(everythingOf);
      const run = await runEvents(site());
      const [again, fit] = await Promise.all([runEvents(site()), fitness()]);
      const trips = Object.entries(recapOf(again.events).roundTrips).filter(([, count]) => count > 2);
      expect(
        {
          check: ended(check),
          written: differences(before, after),
          run: ended(run),
          foretold: differences(changesOf(check.events), changesOf(run.events)),
          again: { ...ended(again), changed: changesOf(again.events), trips },
          left: (await Promise.all(NODES.map(leftOn))).flat(),
          fit,
        },
        told,
      ).toEqual({
        check: FINE,
        written: [],
        run: FINE,
        foretold: [],
        again: { ...FINE, changed: [], trips: [] },
        left: [],
        fit: [],
      });
      if (!idle(disturbances)) expect(changesOf(run.events), told).not.toEqual([]);
    },
  );
});

interface Applied {
  readonly node: Node;
  readonly title: string;
  readonly script: string;
}

/** The rounds of a seed: on one to three nodes, one to four disturbances together. */
function roundsOf(
  random: Random,
): readonly { readonly round: number; readonly disturbances: readonly Applied[] }[] {
  return Array.from({ length: ROUNDS }, (_, index) => {
    const nodes = random.sample(NODES, 1 + random.below(3));
    const count = 1 + random.below(4);
    const disturbances = Array.from({ length: count }, (_unused, at): Applied => {
      const node = nodes[at] ?? random.pick(nodes);
      const { title, script } = random.pick(catalogueOf(node));
      return { node, title, script: script(random) };
    });
    return { round: index + 1, disturbances };
  });
}

const catalogueOf = (node: Node): Catalogue =>
  CATALOGUES[node.startsWith("lb") ? "lb" : "web"].filter(({ title }) => ONLY.test(title));

/** One after the other on each node; then the nodes are left alone until their services have settled. */
const disturb = async (disturbances: readonly Applied[]): Promise<void> => {
  await Promise.all(
    NODES.map(async (node) => {
      for (const { script } of disturbances.filter((one) => one.node === node))
        await lab.output(node, `set -e\n${script}`);
      await lab.output(node, SETTLED);
    }),
  );
};

/** systemd starts a killed service again, and gives up on one that fails: neither is the check's doing. */
const SETTLED = `for i in $(seq 50); do
systemctl show -p ActiveState,SubState haproxy keepalived rsyslog nginx | grep -Eq '=(activating|deactivating|reloading|auto-restart)$' || exit 0
sleep 0.2
done`;

const onAll = async (look: typeof everythingOf): Promise<readonly string[]> =>
  (
    await Promise.all(NODES.map(async (node) => (await look(lab, node)).map((line) => `${node}: ${line}`)))
  ).flat();

const FINE = { code: 0, stderr: "", failures: [] } as const;

const ended = ({ code, stderr, events }: Awaited<ReturnType<typeof runEvents>>) => ({
  code,
  stderr,
  failures: events.flatMap((event) =>
    event.kind === "host-result" && event.item === null && ["failed", "unreachable"].includes(event.status)
      ? [`${event.host}: ${event.task.name}: ${event.msg}`]
      : [],
  ),
});

/** What a run changed, or a check says that it would: each task on each host, and each item of its loop. */
const changesOf = (events: readonly RunEvent[]): readonly string[] =>
  events.flatMap((event) =>
    event.kind === "host-result" && ["changed", "would-follow"].includes(event.status)
      ? [`${event.host}: ${event.task.name}${event.item === null ? "" : ` (${event.item})`}`]
      : [],
  );

/** What is not as the site left it first; a failure is not told again in later rounds. */
const leftOn = async (node: Node): Promise<readonly string[]> => {
  const before = converged.get(node) ?? [];
  const now = await managedOf(lab, node);
  converged.set(node, now);
  return differences(before, now).map((line) => `${node}: ${line}`);
};

/** What keeps the pair from serving, once it had the time to settle: nothing. */
const fitness = async (): Promise<readonly string[]> => {
  const patience = Date.now() + 20_000;
  for (;;) {
    const faults = await faultsOfService();
    if (faults.length === 0 || Date.now() > patience) return faults;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

const faultsOfService = async (): Promise<readonly string[]> => {
  const held = await Promise.all(
    ["lb1", "lb2"].map(
      async (node) => (await lab.exec(node, `ip -o addr show to ${lab.vip()}`)).stdout !== "",
    ),
  );
  const owners = held.filter(Boolean).length;
  const { code, stderr } = await lab.exec("web1", `curl -fsS --max-time 1 http://${lab.vip()}/`);
  return [
    ...(owners === 1 ? [] : [`${owners} owners of the virtual address`]),
    ...(code === 0 ? [] : [`it does not serve: ${stderr}`]),
  ];
};

/** Disturbances that ask nothing of the site: what they do is allowed, or mends itself. */
const idle = (disturbances: readonly Applied[]): boolean =>
  disturbances.every(({ title }) =>
    /only its times|killed$|restarted$|around the block|no line end/.test(title),
  );
