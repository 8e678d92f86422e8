import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { defineState } from "../../core/task.ts";
import { dict, type Value } from "../../core/value.ts";
import { linesOf } from "../command-run/report.ts";
import { labelled } from "../shared-probes/label.ts";
import { type GetentParams, schema } from "./schema.ts";

type GetentFacts =
  | { readonly kind: "entries"; readonly entries: ReadonlyMap<Value, Value> }
  | { readonly kind: "absent" }
  | { readonly kind: "fault"; readonly reason: string };

/** Looks something up in the node's user, group, host and service databases. */
export const getent = defineState<GetentParams, GetentFacts, never>({
  kind: "state",
  name: "getent",
  aliases: ["ansible.builtin.getent", "ansible.legacy.getent"],
  summary:
    "Looks something up in the node's user, group, host and service databases, and keeps it as a fact.",
  schema,
  example: `- ansible.builtin.getent:
    database: passwd
    key: haproxy
    fail_key: false
`,
  inspect,
  diff: ({ fail_key }, facts) => {
    if (facts.kind === "fault") return { kind: "blocked", reason: facts.reason };
    return facts.kind === "absent" && fail_key ? { kind: "blocked", reason: ABSENT } : { kind: "converged" };
  },
  view: (change) => change,
  apply: () => [],
  result: (params, facts) => {
    if (facts.kind === "entries") return factOf(params, facts.entries);
    if (facts.kind === "fault" || params.fail_key) return {};
    return { ...factOf(params, new Map([[params.key, null]])), msg: ABSENT };
  },
});

const ABSENT = "One or more supplied key could not be found in the database.";

const factOf = ({ database }: GetentParams, entries: ReadonlyMap<Value, Value>) => ({
  ansible_facts: dict({ [`getent_${database}`]: entries }),
});

function inspect(params: GetentParams): Probe<GetentFacts> {
  const { database, key, service } = params;
  const words = [
    "getent",
    ...(service === null ? [] : ["-s", service]),
    database,
    ...(key === null ? [] : ["--", key]),
  ];
  return read(
    labelled(words.join(" "), ["command -v getent >/dev/null 2>&1 || exit 127", argv(...words)]),
    (answer) => parse(params, answer),
  );
}

const FAULTS: Readonly<Record<number, string>> = {
  1: "Missing arguments, or database unknown.",
  3: "Enumeration not supported on this database.",
  127: "there is no getent on the node (Debian: libc-bin, Alpine: musl-utils)",
};

const parse = (params: GetentParams, answer: ReadResult): GetentFacts => {
  if (answer.code === 0) return { kind: "entries", entries: entriesOf(params, answer) };
  if (answer.code === 2) return { kind: "absent" };
  return { kind: "fault", reason: FAULTS[answer.code] ?? answer.stderr.toString("utf8").trim() };
};

const COLONS = new Set(["passwd", "shadow", "group", "gshadow"]);

/** A key that stands more than once has a list of its entries, each a list of fields. */
const entriesOf = ({ database, split }: GetentParams, answer: ReadResult): ReadonlyMap<Value, Value> => {
  const separator = split ?? (COLONS.has(database) ? ":" : null);
  const found = new Map<string, string[][]>();
  for (const line of linesOf(answer.stdout.toString("utf8"))) {
    const [key = "", ...fields] = separator === null ? line.trim().split(/\s+/) : line.split(separator);
    found.set(key, [...(found.get(key) ?? []), fields]);
  }
  return new Map(
    [...found].map(([key, entries]) => [key, entries.length === 1 ? (entries[0] ?? []) : entries]),
  );
};
