import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import manifest from "../../../package.json" with { type: "json" };
import { LbplayError } from "../../core/error.ts";
import type { Json } from "../../core/value.ts";
import {
  type DrillPlan,
  performDrill,
  planDrill,
  type Survey,
  summaryOf,
  without,
} from "../../drill/drill.ts";
import { drilledPair } from "../../drill/pair-facts.ts";
import type { DrillEnvironment, DrillResult } from "../../drill/result.ts";
import type { DrillGround } from "../../drill/world.ts";
import type { Nodes } from "../../engine/nodes.ts";
import { allAddresses, type LiveNode, stateOf } from "../../lb/live/node.ts";
import { targetText } from "../../probe/target.ts";
import { drillJunit } from "../../report/drill-junit.ts";
import { announcementLines, drillTable } from "../../report/drill-text.ts";
import { createLiveDrillView, createPlainDrillView, type DrillView } from "../../report/drill-view.ts";
import { drillPage } from "../../report/html/drill-page.ts";
import { pageText } from "../../report/html/page.ts";
import { jsonLine } from "../../report/json-text.ts";
import { createPalette, type Palette, wantsColour } from "../../report/palette.ts";
import { confirm } from "../confirm.ts";
import { type OpenedClient, openDrillClient, preciseNow } from "../drill-client.ts";
import { type DrillLab, labOf } from "../drill-lab.ts";
import { type DrillWish, drillFileOf, drillWish } from "../drill-wishes.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { chosenPair, lookAt } from "../live-pair.ts";
import { foundGroups, readNodes } from "../node-pairs.ts";
import { type Live, withNodes } from "../nodes.ts";
import type { InventoryPair } from "../pairs.ts";
import { probeTarget } from "../probe-target.ts";
import { openReportFile, type ReportFile } from "../report-file.ts";
import type { DrillOptions } from "../run-options.ts";

/** Milliseconds between two pictures on a terminal. */
const PICTURE_INTERVAL_MS = 80;

/** Breaks a pair on purpose, fault by fault, and says what clients felt and whether that was as it should be. */
export const drill = async (options: DrillOptions, io: Io): Promise<number> => {
  const file = drillFileOf(options, io.cwd);
  const page = options.report === null ? null : await openReportFile(options.report, io);
  return withNodes(
    options.live,
    io,
    async (live) => {
      const pair = await chosenPair(live, options.pair);
      return work({ options, io, live, pair, page, wish: drillWish(options, file, pair.settings) });
    },
    `drill ${options.pair ?? ""}`.trim(),
  );
};

interface Task {
  readonly options: DrillOptions;
  readonly io: Io;
  readonly live: Live;
  readonly pair: InventoryPair;
  /** null: no report is written. */
  readonly page: ReportFile | null;
  readonly wish: DrillWish;
}

const work = async (task: Task): Promise<number> => {
  const { options, io, live, pair, wish } = task;
  const startedAt = io.now();
  const palette = createPalette(wantsColour({ env: io.env, isTTY: io.stdout.isTTY }));
  const plain = options.output === "plain";
  const say = (lines: readonly string[]): void => {
    if (plain) io.stdout.write(live.redactor.redact(`${lines.join("\n")}\n`));
  };
  const nodes = options.check ? live.open(pair.hosts) : live.lock(pair.hosts, options.breakLock);
  const lab = await labOf(live.inventory, pair.hosts, io);
  let view: DrillView | null = null;
  const ground = groundOf(task, nodes, lab, (event) => {
    if (event.kind !== "fault-ended") view?.tell(event);
  });
  const survey = await planDrill(ground, wish.faults, { mend: !options.check });
  if (survey.kind === "unfit") return refuse(task, survey, lab, startedAt, say, palette);
  const { plan } = survey;
  for (const name of plan.mended) say([`${name}: what an earlier drill left was undone`]);
  const client = options.check ? null : await openClientOf(task, plan);
  say(announcementLines(announced(task, plan, client, lab)));
  if (options.check || client === null) {
    say(["nothing was changed"]);
    return EXIT.ok;
  }
  if (lab === null) await confirm(`Break ${pair.name} on purpose, as said?`, options, io);
  const environment = environmentOf(task, client, lab, startedAt);
  const facts = drilledPair(plan.before.nodes, plan.subject.pair, plan.means);
  view = plain ? await openView(task, palette) : null;
  const { faults, summary } = await performDrill({ ...ground, client }, plan, {
    everyMs: client.settings.everyMs,
    keepGoing: options.keepGoing,
  }).finally(() => view?.close());
  const result: DrillResult = {
    kind: "drill",
    format: 1,
    environment: { ...environment, durationMs: io.now() - startedAt },
    pair: facts,
    faults,
    summary,
  };
  const code = live.signal.aborted ? EXIT.interrupted : summary.ok ? EXIT.ok : EXIT.failed;
  const published = await publish(task, result, code);
  say(["", ...drillTable(result, palette)]);
  return published;
};

const groundOf = (
  { options, io, live, pair }: Task,
  nodes: Nodes,
  lab: DrillLab | null,
  report: DrillGround["report"],
): DrillGround => ({
  nodes: nodes.all,
  look: () => lookAt(nodes.all, options.live.forks),
  survey: async () => {
    const { known } = await readNodes(nodes.all, options.live.forks, io.now);
    const groups = [{ name: pair.name, hosts: pair.hosts, settings: pair.settings, marked: true }];
    const [found] = foundGroups(groups, known).pairs;
    return found ?? { name: pair.name, nodes: [], settings: pair.settings };
  },
  power: lab?.power ?? null,
  now: preciseNow,
  sleep: (milliseconds) => sleep(milliseconds, undefined, { signal: live.signal }).catch(() => undefined),
  wait: (milliseconds) => sleep(milliseconds),
  stopped: () => live.signal.aborted,
  report,
});

/** Throws E_PROBE where there is nothing to ask, or nothing answers: a drill that measures nothing is none. */
const openClientOf = async ({ live, wish }: Task, { subject }: DrillPlan): Promise<OpenedClient> => {
  const target = probeTarget(wish.probe, subject.owner, subject.addresses);
  if (target === null) {
    throw new LbplayError({
      code: "E_PROBE",
      message: "HAProxy opens no port on a virtual address, so there is nothing to ask",
      hint: "name what is to be asked with --probe",
    });
  }
  const { from, everyMs, held } = wish;
  if (from === null) return openDrillClient(target, null, { everyMs, held });
  if (!live.inventory.hosts.has(from)) {
    throw new LbplayError({
      code: "E_USAGE",
      message: `the inventory has no host ${from}`,
      hint: "--from names a host of it, or controller",
    });
  }
  const [host] = live.lock([from], false).all;
  return openDrillClient(target, host ?? null, { everyMs, held });
};

const announced = (
  { pair }: Task,
  { subject, faults }: DrillPlan,
  client: OpenedClient | null,
  lab: DrillLab | null,
): Parameters<typeof announcementLines>[0] => ({
  pair: pair.name,
  owner: subject.owner.name,
  standby: subject.standby.name,
  addresses: subject.addresses,
  client: client?.label ?? null,
  held: client?.held ?? 0,
  lab: lab?.name ?? null,
  faults: faults.map(({ wish, planned }) => ({
    id: planned.id,
    injection: planned.injection,
    undo: planned.undo,
    repeats: wish.repeats,
    budgetMs: wish.budgetMs,
    predicted: planned.kind === "planned" ? planned.predicted : null,
    because: planned.kind === "planned" ? null : planned.because,
  })),
});

const openView = ({ io, live }: Task, palette: Palette): Promise<DrillView> | DrillView => {
  const { isTTY, columns, rows } = io.stdout;
  const write = (text: string): void => io.stdout.write(live.redactor.redact(text));
  if (!isTTY || io.env.TERM === "dumb") return createPlainDrillView(write, palette);
  const screen = { write, columns: () => columns() ?? 80, rows: () => rows() ?? 24 };
  return createLiveDrillView({ screen, intervalMs: PICTURE_INTERVAL_MS }, palette);
};

const environmentOf = (
  { options, wish }: Task,
  client: OpenedClient | null,
  lab: DrillLab | null,
  startedAt: number,
): Omit<DrillEnvironment, "durationMs"> => ({
  lbplay: manifest.version,
  startedAt: new Date(startedAt).toISOString(),
  where: lab === null ? { kind: "nodes" } : { kind: "lab", name: lab.name },
  from: wish.from,
  target: client === null ? (wish.probe ?? "") : targetText(client.settings),
  everyMs: client?.settings.everyMs ?? wish.everyMs,
  timeoutMs: client?.settings.timeoutMs ?? 0,
  heldConnections: client?.held ?? 0,
  repeats: wish.repeats,
  file: options.file,
});

/** A pair that is not fit is not broken any further; the result says why. */
const refuse = async (
  task: Task,
  { reasons, nodes, pair }: Survey & { readonly kind: "unfit" },
  lab: DrillLab | null,
  startedAt: number,
  say: (lines: readonly string[]) => void,
  palette: Palette,
): Promise<number> => {
  const because = `the pair is not fit for a drill: ${reasons.join("; ")}`;
  const faults = task.wish.faults.map((wish) => without(wish, { kind: "not-run", because }));
  const code = nodes.some((node: LiveNode) => stateOf(node) === null) ? EXIT.unreachable : EXIT.failed;
  const result: DrillResult = {
    kind: "drill",
    format: 1,
    environment: {
      ...environmentOf(task, null, lab, startedAt),
      durationMs: task.io.now() - startedAt,
    },
    pair: { ...drilledPair(nodes, pair, new Map()), virtualAddresses: allAddresses(nodes) },
    faults,
    summary: summaryOf(faults, because),
  };
  await publish(task, result, code);
  say([`${palette.failed("failed")}: ${because}`, "lbplay status says what to do about it"]);
  return code;
};

/** The result in every form that was asked for; gives back the exit code, which is 1 where all else is well but the report. */
const publish = async (
  { options, io, live, page }: Task,
  result: DrillResult,
  code: number,
): Promise<number> => {
  const { redact } = live.redactor;
  // A result is plain data by its type.
  const json = (): string => redact(`${jsonLine(result as unknown as Json)}\n`);
  const junit = (): string => redact(drillJunit(result));
  if (options.jsonFile !== null) await writeFile(resolve(io.cwd, options.jsonFile), json());
  if (options.junitFile !== null) await writeFile(resolve(io.cwd, options.junitFile), junit());
  if (options.output === "json") io.stdout.write(json());
  if (options.output === "junit") io.stdout.write(junit());
  if (page === null) return code;
  const setting = { version: manifest.version, time: io.now(), redact };
  return page.write(pageText(drillPage(result), setting), code);
};
