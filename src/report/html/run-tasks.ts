import { changeMarkup, type DiffRoom, named } from "./change.ts";
import { el, type Markup } from "./markup.ts";
import { lengthText } from "./moment.ts";
import { badge, counted, folded, section } from "./parts.ts";
import type { HostEnd, PlayRecord, ResultDetail, TaskRecord } from "./run-record.ts";
import type { Tone } from "./tone.ts";

/** Lines of diffs on a page, of all changes together. */
const MOST_LINES = 15_000;

/** Hosts that are named one by one; more are counted by how the task ended on them. */
const MOST_NAMED = 6;

/** Fewer tasks in a row without anything to say are not worth folding away. */
const FOLDED_FROM = 3;

/** The plays of a run, each a section: its tasks with how they ended on each host; what changed and what failed open, the rest folded away. */
export const playSections = (plays: readonly PlayRecord[]): readonly Markup[] => {
  const room = { lines: MOST_LINES };
  return plays.map((play, index) =>
    section(
      play.name === "" ? "Tasks" : `Play: ${play.name}`,
      el("p", { class: "muted small" }, playLine(play)),
      rows(play.tasks, `p${index + 1}`, room),
    ),
  );
};

const playLine = ({ playbook, hosts, nobody, tasks, startedAt }: PlayRecord): string => {
  if (nobody !== null) return `${playbook}: no hosts matched ${nobody}`;
  const ended = tasks.reduce((latest, task) => Math.max(latest, task.endedAt), startedAt);
  const of = hosts.length > MOST_NAMED ? counted(hosts.length, "host") : hosts.join(", ");
  return `${playbook}, on ${of}: ${counted(tasks.length, "task")}, ${lengthText(ended - startedAt)}`;
};

const rows = (tasks: readonly TaskRecord[], id: string, room: DiffRoom): Markup => {
  const groups: { quiet: boolean; tasks: { readonly task: TaskRecord; readonly id: string }[] }[] = [];
  tasks.forEach((task, index) => {
    const quiet = isQuiet(task);
    const last = groups.at(-1);
    const one = { task, id: `${id}t${index + 1}` };
    if (last !== undefined && last.quiet === quiet) last.tasks.push(one);
    else groups.push({ quiet, tasks: [one] });
  });
  if (groups.length === 0) return null;
  return el(
    "ul",
    { class: "rows" },
    ...groups.map((group) =>
      group.quiet && group.tasks.length >= FOLDED_FROM
        ? el("li", {}, quietGroup(group.tasks.map(({ task }) => task)))
        : group.tasks.map((one) => el("li", { id: one.id }, taskRow(one.task, room))),
    ),
  );
};

/** Nothing changed, nothing failed, nothing was said. */
export const isQuiet = ({ statuses, details }: TaskRecord): boolean =>
  details.length === 0 &&
  [...statuses.values()].every(({ status }) => status === "ok" || status === "skipped");

const quietGroup = (tasks: readonly TaskRecord[]): Markup =>
  el(
    "details",
    {},
    el(
      "summary",
      {},
      el("span", { class: "muted" }, `${counted(tasks.length, "task")} with nothing to change`),
    ),
    el("ul", { class: "rows inside" }, ...tasks.map((task) => el("li", {}, heading(task)))),
  );

const taskRow = (task: TaskRecord, room: DiffRoom): Markup => {
  const { details, omitted } = task;
  if (details.length === 0) return el("div", { class: "plain-row" }, heading(task));
  return el(
    "details",
    { open: true },
    el("summary", {}, heading(task)),
    el(
      "div",
      { class: "inside" },
      ...alike(details).map((group) => detailMarkup(group, room)),
      omitted === 0 ? null : el("p", { class: "muted small" }, `and ${counted(omitted, "more result")}`),
    ),
  );
};

const heading = ({ label, statuses, startedAt, endedAt }: TaskRecord): Markup =>
  el(
    "div",
    { class: "row" },
    el(
      "span",
      { class: "name" },
      label.handler ? el("span", { class: "muted" }, "Handler: ") : null,
      label.name,
      " ",
      el("span", { class: "at" }, label.at),
    ),
    el("span", { class: "badges" }, ...endBadges(statuses)),
    el("span", { class: "took" }, lengthText(Math.max(0, endedAt - startedAt))),
  );

const endBadges = (statuses: ReadonlyMap<string, HostEnd>): readonly Markup[] => {
  if (statuses.size <= MOST_NAMED)
    return [...statuses].map(([host, end]) => badge(toneOf(end), host, ": ", wordOf(end)));
  const byWord = new Map<string, { readonly end: HostEnd; readonly hosts: string[] }>();
  for (const [host, end] of statuses) {
    const known = byWord.get(wordOf(end)) ?? { end, hosts: [] };
    known.hosts.push(host);
    byWord.set(wordOf(end), known);
  }
  return [...byWord].map(([word, { end, hosts }]) =>
    badge(
      toneOf(end),
      `${hosts.length} ${word}`,
      isGood(end) || hosts.length > MOST_NAMED ? null : `: ${hosts.join(", ")}`,
    ),
  );
};

const isGood = ({ status }: HostEnd): boolean => status === "ok" || status === "skipped";

/** What a status is called on a page: Ansible's word, with what the play made of a failure. */
export const wordOf = ({ status, excused }: Pick<HostEnd, "status" | "excused">): string =>
  `${status === "would-follow" ? "would follow" : status}${excused === null ? "" : `, ${excused}`}`;

/** The colour of a status. */
export const toneOf = ({ status, excused }: Pick<HostEnd, "status" | "excused">): Tone => {
  if ((status === "failed" || status === "unreachable") && excused !== null) return "still";
  return (
    {
      ok: "ok",
      changed: "changed",
      skipped: "still",
      "would-follow": "info",
      failed: "failed",
      unreachable: "failed",
    } as const
  )[status];
};

/** Results that say the same are told once, with all hosts that said it. */
const alike = (details: readonly ResultDetail[]): readonly (readonly [ResultDetail, ...ResultDetail[]])[] => {
  const groups = new Map<string, [ResultDetail, ...ResultDetail[]]>();
  for (const detail of details) {
    const { host: _host, duration: _duration, ...rest } = detail;
    const key = JSON.stringify(rest);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [detail]);
    else group.push(detail);
  }
  return [...groups.values()];
};

const detailMarkup = (group: readonly [ResultDetail, ...ResultDetail[]], room: DiffRoom): Markup => {
  const [{ item, msg, hint, said, changes, withheld }] = group;
  const hosts = group.map(({ host }) => host).join(", ");
  return el(
    "article",
    {},
    el(
      "div",
      { class: "badges" },
      ...group.map((detail) => badge(toneOf(detail), placeOf(detail), ": ", wordOf(detail))),
      item === null ? null : el("span", { class: "muted small" }, `item ${item}`),
    ),
    msg === null ? null : el("p", { class: "said" }, msg),
    hint === null ? null : el("p", { class: "hint" }, "What to do: ", hint),
    ...changes.map((change) =>
      withheld === null ? changeMarkup(change, room) : named(change, WITHHELD[withheld]),
    ),
    saidMarkup(said, hosts),
  );
};

const placeOf = ({ host, delegatedTo }: ResultDetail): string =>
  delegatedTo === null ? host : `${host} → ${delegatedTo}`;

const WITHHELD = {
  asked: "not shown: the task says diff: false",
  room: "left out: there are more changes than a page can show",
} as const;

/** What was said on hosts; nothing where nothing was. */
export const saidMarkup = (said: string, hosts: string): Markup =>
  said === ""
    ? null
    : el(
        "pre",
        { tabindex: 0, role: "group", "aria-label": `Output of ${hosts}` },
        ...said.split("\n").map((line) => el("span", {}, line === "" ? " " : line)),
      );

/** The tasks that took longest, in a table; nothing where all were quick. */
export const slowestTasks = (plays: readonly PlayRecord[]): Markup => {
  const slowest = plays
    .flatMap(({ tasks }) => tasks.map((task) => ({ task, took: task.endedAt - task.startedAt })))
    .filter(({ took }) => took >= 500)
    .toSorted((a, b) => b.took - a.took)
    .slice(0, 5);
  if (slowest.length === 0) return null;
  return folded(
    "The tasks that took longest",
    el(
      "ul",
      { class: "rows" },
      ...slowest.map(({ task }) => el("li", {}, el("div", { class: "plain-row" }, heading(task)))),
    ),
  );
};
