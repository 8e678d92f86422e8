import { all, each, known, type Probe } from "../../core/probe.ts";
import { pythonRegExp } from "../../core/python-regexp.ts";
import { defineState, type Plan } from "../../core/task.ts";
import { dict, type Value } from "../../core/value.ts";
import { regexpRules } from "../file-content/edit-schema.ts";
import { nodeTime } from "../shared-probes/clock.ts";
import { baseName, cleanPath } from "../shared-probes/file-state.ts";
import { nameTest, patternFault } from "./names.ts";
import { type FindParams, schema } from "./schema.ts";
import { checksums, contents, type Found, type Searched, searched } from "./search.ts";
import { foundValues, isDirectory, isFile, isLink } from "./values.ts";

interface FindFacts {
  readonly searched: readonly Searched[];
  readonly sums: readonly ReadonlyMap<string, string>[];
  /** null where a directory has too much to look through. */
  readonly contents: readonly (ReadonlyMap<string, Buffer> | null)[];
  /** Seconds since the epoch by the node's clock. */
  readonly now: number | null;
}

/** Finds files of the node by name, type, age, size and content, and changes nothing. */
export const find = defineState<FindParams, FindFacts, never>({
  kind: "state",
  name: "find",
  aliases: ["ansible.builtin.find", "ansible.legacy.find"],
  summary: "Finds files of the node by name, type, age, size and content; changes nothing.",
  schema,
  example: `- ansible.builtin.find:
    paths: /var/backups/haproxy
    patterns: "*.cfg"
    age: 4w
  register: old_backups
`,
  rules,
  inspect,
  diff,
  view: (change) => change,
  apply: () => [],
  result: values,
});

function rules(params: FindParams): readonly string[] {
  const { patterns, excludes, use_regex, contains, file_type } = params;
  return [
    ...[...patterns, ...(excludes ?? [])].flatMap((pattern) =>
      use_regex ? regexpRules({ [`pattern ${pattern}`]: pattern }) : (patternFault(pattern) ?? []),
    ),
    ...regexpRules({ contains }),
    ...(contains !== null && file_type !== "file" ? ["contains needs file_type file"] : []),
  ];
}

function inspect(params: FindParams): Probe<FindFacts> {
  const { paths, get_checksum, contains, age } = params;
  const sums = get_checksum && (params.file_type === "file" || params.file_type === "any");
  return all<FindFacts>({
    searched: each(paths.map((path) => searched(path, params))),
    sums: sums ? each(paths.map((path) => checksums(path, params))) : known([]),
    contents: contains === null ? known([]) : each(paths.map((path) => contents(path, params))),
    now: age === null ? known(0) : nodeTime(),
  });
}

function diff({ paths }: FindParams, facts: FindFacts): Plan<never> {
  if (facts.now === null) return { kind: "blocked", reason: "the node does not tell the time" };
  const full = facts.contents.indexOf(null);
  return full === -1
    ? { kind: "converged" }
    : { kind: "blocked", reason: `${paths[full]} has too much to look through: narrow it with patterns` };
}

function values(params: FindParams, facts: FindFacts): Readonly<Record<string, Value>> {
  const files = facts.searched.flatMap(({ path, found }, index) => {
    const matches = matcher(params, facts.now ?? 0, facts.contents[index] ?? null);
    const sums = facts.sums[index];
    return found
      .filter((one) => levelOf(path, one) <= deepest(params) && matches(one))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .map((one) => foundValues(one, sums?.get(one.path) ?? null));
  });
  const skipped = facts.searched.flatMap(({ path, fault }) =>
    fault === null ? [] : [[path, fault] as const],
  );
  return {
    files,
    matched: files.length,
    examined: facts.searched.reduce((sum, { found }) => sum + found.length, 0),
    skipped_paths: dict(Object.fromEntries(skipped)),
    msg: skipped.length === 0 ? "All paths examined" : "Not all paths examined, check warnings for details",
  };
}

const deepest = ({ recurse, depth }: FindParams): number =>
  !recurse ? 1 : depth === null || depth === 0 ? Number.POSITIVE_INFINITY : depth;

const levelOf = (top: string, { path }: Found): number => {
  const clean = cleanPath(top);
  return path.slice(clean === "/" ? 1 : clean.length + 1).split("/").length;
};

const matcher = (
  params: FindParams,
  now: number,
  texts: ReadonlyMap<string, Buffer> | null,
): ((one: Found) => boolean) => {
  const named = nameTest(params);
  const holds = contentTest(params);
  const aged = rangeTest(params.age, AGE_UNITS);
  const sized = rangeTest(params.size, SIZE_UNITS);
  return (one) => {
    const name = baseName(one.path);
    return (
      (params.hidden || !name.startsWith(".")) &&
      isOfType(params, one) &&
      named(name) &&
      aged(now - one[params.age_stamp]) &&
      (!isFile(one) || sized(one.size)) &&
      holds(texts?.get(one.path) ?? null)
    );
  };
};

const isOfType = ({ file_type }: FindParams, one: Found): boolean => {
  switch (file_type) {
    case "any":
      return true;
    case "directory":
      return isDirectory(one);
    case "file":
      return isFile(one);
    case "link":
      return isLink(one);
  }
};

const AGE_UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const SIZE_UNITS: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** At least so much, or with a minus sign at most. */
const rangeTest = (
  range: string | null,
  units: Readonly<Record<string, number>>,
): ((amount: number) => boolean) => {
  const found = /^(-?)(\d+)([a-z]?)$/.exec(range?.toLowerCase() ?? "");
  if (found === null) return () => true;
  const [, sign, digits, unit = ""] = found;
  const limit = Number(digits) * (units[unit] ?? 1);
  return sign === "-" && limit !== 0 ? (amount) => amount <= limit : (amount) => amount >= limit;
};

/** A file that is no UTF-8 text holds nothing that a pattern could match, as in Ansible. */
const contentTest = ({ contains, read_whole_file }: FindParams): ((content: Buffer | null) => boolean) => {
  if (contains === null) return () => true;
  const expression = pythonRegExp(contains);
  return (content) => {
    const text = content?.toString("utf8") ?? "";
    if (content === null || !Buffer.from(text).equals(content)) return false;
    const lines = text.replace(/\r\n?/g, "\n").match(/[^\n]*\n|[^\n]+$/g) ?? [];
    if (read_whole_file) return expression.test(lines.join(""));
    return lines.some((line) => expression.exec(line)?.index === 0);
  };
};
