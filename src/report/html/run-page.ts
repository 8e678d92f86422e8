import { el, type Markup } from "./markup.ts";
import { lengthText, momentText } from "./moment.ts";
import type { Page } from "./page.ts";
import { badge, counted, facts, section, type Tile, table, tiles } from "./parts.ts";
import type { RunRecord, TaskRecord, WorkSpan } from "./run-record.ts";
import { continuityLanes, continuityOf, rollMarks, rollSections } from "./run-roll.ts";
import { isQuiet, playSections, saidMarkup, slowestTasks, toneOf, wordOf } from "./run-tasks.ts";
import type { Span } from "./spans.ts";
import { type Lane, type LegendEntry, timelineFigure } from "./timeline.ts";

/** What is known of a run beside its events. */
export interface RunSubject {
  readonly playbooks: readonly string[];
  /** What was asked for beside the playbooks, a word and its value each; no secret among them. */
  readonly asked: readonly (readonly [name: string, value: string])[];
  /** `ann@desk` */
  readonly by: string;
  /** What ended the run before its recap: an error, Ctrl-C; null where nothing did. */
  readonly ended: string | null;
}

/** More hosts than this are not drawn. */
const MOST_LANES = 16;

/** The report of a run: how it ended, hosts, time, pairs, and every play with its tasks. */
export const runPage = (run: RunRecord, subject: RunSubject): Page => ({
  kind: run.check ? "Report of a run in check mode" : "Report of a run",
  title: subject.playbooks.join(", "),
  verdict: verdictOf(run, subject),
  content: [
    tiles(figures(run)),
    troubles(run),
    section(
      "Hosts",
      Object.keys(run.hosts).length === 0 ? el("p", { class: "muted" }, "No host was met.") : hostsTable(run),
    ),
    timeSection(run),
    ...rollSections(run.rolls, run.startedAt ?? 0),
    ...playSections(run.plays),
    section(
      "About this run",
      facts([
        ["Playbooks", subject.playbooks.join(", ")],
        ...subject.asked,
        ["Mode", run.check ? "check: nothing was changed, results are what a run would do" : "apply"],
        ["Run by", subject.by],
        ["Began", run.startedAt === null ? null : momentText(run.startedAt)],
        ["Took", tookOf(run) === null ? null : lengthText(tookOf(run) ?? 0)],
        ["Round trips", tripsText(run)],
      ]),
    ),
  ],
});

const sum = (run: RunRecord, name: "changed" | "failed" | "unreachable" | "ok"): number =>
  Object.values(run.hosts).reduce((total, recap) => total + recap[name], 0);

const hostsWith = (run: RunRecord, name: "changed" | "failed" | "unreachable"): readonly string[] =>
  Object.entries(run.hosts).flatMap(([host, recap]) => (recap[name] > 0 ? [host] : []));

const verdictOf = (run: RunRecord, { ended }: RunSubject): Page["verdict"] => {
  const failed = hostsWith(run, "failed");
  const lost = hostsWith(run, "unreachable");
  if (ended !== null) return { tone: "failed", word: "Ended early", text: ended };
  if (failed.length > 0)
    return {
      tone: "failed",
      word: "Failed",
      text: `${counted(sum(run, "failed"), "task")} failed on ${names(failed)}.`,
    };
  if (lost.length > 0)
    return { tone: "failed", word: "Not reached", text: `${names(lost)} could not be reached.` };
  if (Object.keys(run.hosts).length === 0)
    return { tone: "changed", word: "Nothing was run", text: "No play matched a host." };
  const changed = hostsWith(run, "changed");
  const waiting = run.plays
    .flatMap(({ tasks }) => tasks)
    .reduce((count, { statuses }) => count + ends(statuses, "would-follow"), 0);
  if (run.check)
    return changed.length === 0
      ? { tone: "ok", word: "Nothing would change", text: "Every host is as the playbooks want it." }
      : {
          tone: "info",
          word: "Would change",
          text: `${counted(sum(run, "changed"), "task")} would change something on ${names(changed)}${waiting === 0 ? "" : `; ${counted(waiting, "more result")} would follow from that`}.`,
        };
  return changed.length === 0
    ? { tone: "ok", word: "Nothing to change", text: "Every host was as the playbooks want it." }
    : {
        tone: "ok",
        word: "Done",
        text: `${counted(sum(run, "changed"), "task")} changed something on ${names(changed)}.`,
      };
};

const names = (hosts: readonly string[]): string =>
  hosts.length <= 6 ? hosts.join(", ") : counted(hosts.length, "host");

const ends = (statuses: TaskRecord["statuses"], wanted: string): number =>
  [...statuses.values()].filter(({ status }) => status === wanted).length;

const tookOf = ({ startedAt, endedAt }: RunRecord): number | null =>
  startedAt === null || endedAt === null ? null : endedAt - startedAt;

const figures = (run: RunRecord): readonly Tile[] => {
  const failed = sum(run, "failed") + sum(run, "unreachable");
  const changed = sum(run, "changed");
  const took = tookOf(run);
  return [
    { value: Object.keys(run.hosts).length, name: "hosts" },
    { value: run.plays.reduce((count, { tasks }) => count + tasks.length, 0), name: "tasks" },
    {
      value: changed,
      name: run.check ? "would change" : "changed",
      ...(changed > 0 ? { tone: "changed" } : {}),
    },
    { value: failed, name: "failed or not reached", tone: failed > 0 ? "failed" : "ok" },
    ...(took === null ? [] : [{ value: lengthText(took), name: "from beginning to end" }]),
    ...continuityOf(run.rolls).map(({ group, longestGapMs, failed: lost, status }) => ({
      value: lengthText(longestGapMs),
      name: `longest time without an answer from ${group}, ${counted(lost, "request")} failed`,
      tone: status === "failed" ? ("failed" as const) : ("ok" as const),
    })),
  ];
};

/** What somebody has to look at, first. */
const troubles = (run: RunRecord): Markup => {
  const failed = run.plays.flatMap(({ tasks }, play) =>
    tasks.flatMap((task, index) =>
      isQuiet(task)
        ? []
        : [...task.statuses]
            .filter(([, end]) => toneOf(end) === "failed")
            .map(([host, end]) => ({ host, end, task, id: `p${play + 1}t${index + 1}` })),
    ),
  );
  const { warnings } = run;
  if (failed.length === 0 && warnings.length === 0) return null;
  const shown = failed.slice(0, 50);
  return section(
    "What to look at",
    el(
      "ul",
      { class: "rows" },
      ...shown.map(({ host, end, task, id }) => {
        const said = task.details.find((detail) => detail.host === host && detail.msg !== null);
        return el(
          "li",
          {},
          badge(toneOf(end), host, ": ", wordOf(end)),
          " ",
          el("a", { href: `#${id}` }, task.label.name),
          said === undefined ? null : el("p", { class: "said" }, said.msg),
          said === undefined ? null : saidMarkup(firstLines(said.said), host),
        );
      }),
      failed.length > shown.length
        ? el("li", { class: "muted" }, `and ${failed.length - shown.length} more`)
        : null,
      ...warnings
        .slice(0, 50)
        .map(({ host, message }) =>
          el("li", {}, badge("changed", "warning"), ` ${host === null ? "" : `${host}: `}${message}`),
        ),
      warnings.length > 50
        ? el("li", { class: "muted" }, `and ${counted(warnings.length - 50, "more warning")}`)
        : null,
    ),
  );
};

/** Enough to see what it is about; the whole stands at the task. */
const firstLines = (text: string): string => {
  const lines = text.split("\n");
  return lines.length <= 8
    ? text
    : [...lines.slice(0, 8), `… (${lines.length - 8} more lines below)`].join("\n");
};

const hostsTable = ({ hosts, roundTrips }: RunRecord): Markup =>
  table(
    [
      { name: "Host" },
      ...["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"].map((name) => ({
        name,
        number: true,
      })),
      { name: "round trips", number: true },
    ],
    Object.entries(hosts).map(([host, recap]) => [
      host,
      recap.ok,
      figure(recap.changed, "changed"),
      figure(recap.unreachable, "failed"),
      figure(recap.failed, "failed"),
      recap.skipped,
      recap.rescued,
      recap.ignored,
      roundTrips[host] ?? 0,
    ]),
    "Results by host",
  );

const figure = (count: number, tone: "changed" | "failed"): Markup =>
  count === 0 ? 0 : el("b", { class: tone }, count);

const timeSection = (run: RunRecord): Markup => {
  const took = tookOf(run);
  if (took === null || took <= 0 || run.work.size === 0 || run.startedAt === null) return null;
  const hosts = [...run.work].slice(0, MOST_LANES);
  return section(
    "Where the time went",
    timelineFigure({
      id: "run",
      title: "What each host was at, over time",
      from: run.startedAt,
      to: run.startedAt + took,
      zero: run.startedAt,
      marks: rollMarks(run.rolls),
      lanes: [...continuityLanes(run.rolls), ...hosts.map(([host, work]) => workLane(host, work))],
      legend: legendOf(run),
    }),
    run.work.size > hosts.length
      ? el("p", { class: "muted small" }, `and ${counted(run.work.size - hosts.length, "more host")}`)
      : null,
    slowestTasks(run.plays),
  );
};

/** Only what is in the picture. */
const legendOf = (run: RunRecord): readonly LegendEntry[] => {
  const spans = [...run.work.values()].flat();
  const some = (wanted: (span: WorkSpan) => boolean): boolean => spans.some(wanted);
  const failed = ({ status }: WorkSpan): boolean => status === "failed" || status === "unreachable";
  const all: readonly (LegendEntry & { readonly seen: boolean })[] = [
    { seen: continuityOf(run.rolls).length > 0, swatch: "ok", text: "the virtual address answered (low)" },
    { seen: true, swatch: "quiet", text: "looked, nothing to change (low)" },
    {
      seen: some(({ status }) => status === "changed" || status === "would-follow"),
      swatch: "changed",
      text: run.check ? "would change (higher)" : "changed (higher)",
    },
    {
      seen: some((span) => failed(span) && span.excused !== null),
      swatch: "state",
      text: "failed, but ignored or rescued (higher)",
    },
    {
      seen: some((span) => failed(span) && span.excused === null),
      swatch: "failed",
      text: "failed (highest)",
    },
  ];
  return all.filter(({ seen }) => seen);
};

const workLane = (host: string, work: readonly WorkSpan[]): Lane => ({
  kind: "spans",
  name: host,
  spans: work.map(spanOf),
});

const spanOf = ({ from, to, status, excused }: WorkSpan): Span => {
  const span = { from, to };
  switch (status) {
    case "failed":
    case "unreachable":
      return excused === null
        ? { ...span, label: "failed", look: "failed", height: 1 }
        : { ...span, label: `failed, ${excused}`, look: "state", height: 0.75 };
    case "changed":
      return { ...span, label: "changed", look: "changed", height: 0.75 };
    case "would-follow":
      return { ...span, label: "would follow", look: "changed", height: 0.55 };
    case "ok":
    case "skipped":
      return { ...span, label: "nothing to change", look: "quiet", height: 0.4 };
  }
};

const tripsText = ({ roundTrips }: RunRecord): string => {
  const trips = Object.values(roundTrips);
  return trips.length === 0
    ? ""
    : `${trips.reduce((total, one) => total + one, 0)} to ${counted(trips.length, "host")}`;
};
