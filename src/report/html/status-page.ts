import { el, type Markup } from "./markup.ts";
import type { Page } from "./page.ts";
import { badge, type Column, folded, section, table, tiles } from "./parts.ts";
import type { Tone } from "./tone.ts";

/** A pair as it is shown. */
export interface ShownStatus {
  readonly name: string;
  readonly healthy: boolean;
  /** Who has the addresses and who would take over, in one sentence. */
  readonly ownership: string;
  readonly addresses: readonly { readonly address: string; readonly owners: readonly string[] }[];
  readonly problems: readonly ShownProblem[];
  /** The table of the terminal: a node in each row, with a cell for each of the columns; only two where it was not reached. */
  readonly rows: readonly (readonly string[])[];
  readonly nodes: readonly ShownNode[];
}

/** What is wrong, and what to do. */
export interface ShownProblem {
  /** null: it is about the pair. */
  readonly node: string | null;
  readonly severity: "error" | "note";
  readonly message: string;
  readonly advice: string;
}

/** What more there is of a node that was reached. */
export interface ShownNode {
  readonly name: string;
  readonly instances: readonly {
    readonly name: string;
    readonly state: string;
    readonly priority: number | null;
    readonly effectivePriority: number | null;
    readonly since: string;
    readonly adverts: string;
  }[];
  readonly servers: readonly {
    readonly name: string;
    readonly status: string;
    readonly health: "up" | "down" | "drain" | "maint" | "unchecked";
    readonly weight: number;
    readonly check: string;
    readonly sessions: number;
  }[];
  readonly certificates: readonly {
    readonly path: string;
    readonly subject: string;
    readonly notAfter: string;
    readonly daysLeft: number;
  }[];
}

/** The report of pairs as they were at one moment. */
export const statusPage = (pairs: readonly ShownStatus[]): Page => {
  const ill = pairs.filter(({ healthy }) => !healthy);
  const problems = pairs.flatMap((pair) => pair.problems);
  const wrong = problems.filter(({ severity }) => severity === "error").length;
  return {
    kind: "Report of how pairs are",
    title: pairs.map(({ name }) => name).join(", "),
    verdict:
      ill.length > 0
        ? {
            tone: "failed",
            word: "Not healthy",
            text: ill.map(({ name, ownership }) => `${name}: ${ownership}`).join("; "),
          }
        : {
            tone: "ok",
            word: "Healthy",
            text: pairs.map(({ name, ownership }) => `${name}: ${ownership}`).join("; "),
          },
    content: [
      tiles([
        { value: pairs.length, name: pairs.length === 1 ? "pair" : "pairs" },
        { value: pairs.reduce((sum, { rows }) => sum + rows.length, 0), name: "nodes" },
        { value: wrong, name: "problems", tone: wrong > 0 ? "failed" : "ok" },
        { value: problems.length - wrong, name: "notes" },
      ]),
      ...pairs.map((pair) => pairSection(pair, pairs.length > 1)),
    ],
  };
};

const COLUMNS: readonly Column[] = [
  "Node",
  "Has",
  "VRRP",
  "keepalived",
  "HAProxy",
  "Configuration",
  "Servers",
  "Certificate",
  "Last run",
].map((name) => ({ name }));

const pairSection = (pair: ShownStatus, several: boolean): Markup => {
  const { name, healthy, ownership, addresses, problems, rows, nodes } = pair;
  return section(
    name,
    several
      ? el("p", {}, badge(healthy ? "ok" : "failed", healthy ? "healthy" : "not healthy"), ` ${ownership}`)
      : null,
    problems.length === 0 ? null : el("ul", { class: "rows" }, ...problems.map(problemLine)),
    table(
      COLUMNS,
      rows.map((row) =>
        row.length < COLUMNS.length
          ? [row[0] ?? "", badge("failed", row[1] ?? ""), ...COLUMNS.slice(2).map(() => "")]
          : row,
      ),
      `Nodes of ${name}`,
    ),
    addresses.length === 0
      ? null
      : folded(
          addresses.length === 1 ? "1 virtual address" : `${addresses.length} virtual addresses`,
          table(
            [{ name: "Address" }, { name: "On" }],
            addresses.map(({ address, owners }) => [address, owners.join(" and ") || "nobody"]),
            `Virtual addresses of ${name}`,
          ),
        ),
    nodes.length === 0
      ? null
      : el(
          "div",
          { class: "split" },
          ...nodes.map((node) => el("div", {}, el("h3", {}, node.name), ...nodeParts(node))),
        ),
  );
};

const problemLine = ({ node, severity, message, advice }: ShownProblem): Markup =>
  el(
    "li",
    {},
    badge(severity === "error" ? "failed" : "info", severity === "error" ? "problem" : "note"),
    ` ${node === null ? "" : `${node}: `}${message}`,
    el("p", { class: "hint" }, "What to do: ", advice),
  );

const nodeParts = ({ name, instances, servers, certificates }: ShownNode): readonly Markup[] => [
  instances.length === 0
    ? null
    : folded(
        `VRRP: ${instances.map((one) => `${one.name} ${one.state}`).join(", ")}`,
        table(
          [
            { name: "Instance" },
            { name: "State" },
            { name: "Priority", number: true },
            { name: "Effective", number: true },
            { name: "Since" },
            { name: "Adverts" },
          ],
          instances.map((one) => [
            one.name,
            badge(stateTone(one.state), one.state),
            one.priority ?? "unknown",
            one.effectivePriority ?? "unknown",
            one.since,
            one.adverts,
          ]),
          `VRRP instances of ${name}`,
        ),
      ),
  servers.length === 0
    ? null
    : folded(
        `Servers: ${servers.filter(({ health }) => health === "up" || health === "unchecked").length} of ${servers.length} up`,
        table(
          [
            { name: "Server" },
            { name: "Status" },
            { name: "Weight", number: true },
            { name: "Check" },
            { name: "Sessions", number: true },
          ],
          servers.map((one) => [
            one.name,
            badge(SERVER[one.health], one.status),
            one.weight,
            one.check,
            one.sessions,
          ]),
          `Servers of ${name}`,
        ),
      ),
  certificates.length === 0
    ? null
    : folded(
        `Certificates: ${certificates.length}`,
        table(
          [{ name: "File" }, { name: "Subject" }, { name: "Ends" }, { name: "Days left", number: true }],
          certificates.map(({ path, subject, notAfter, daysLeft }) => [path, subject, notAfter, daysLeft]),
          `Certificates of ${name}`,
        ),
      ),
];

const stateTone = (state: string): Tone =>
  state === "MASTER" ? "ok" : state === "BACKUP" ? "info" : state === "unknown" ? "still" : "failed";

const SERVER: Readonly<Record<ShownNode["servers"][number]["health"], Tone>> = {
  up: "ok",
  unchecked: "still",
  drain: "changed",
  maint: "changed",
  down: "failed",
};
