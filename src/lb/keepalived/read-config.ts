import type { SourceText } from "../../core/error.ts";
import type { Word } from "../syntax.ts";
import type { KeepalivedConfig, SyncGroup, Tracker } from "./config.ts";
import { expandLines } from "./expand.ts";
import { instanceOf } from "./instances.ts";
import { logicalLines } from "./logical-lines.ts";
import { blockWords, findStatement, findStatements, keywordOf, settingOf } from "./statements.ts";
import type { KeepalivedStatement } from "./syntax.ts";
import { trackerUses } from "./tracker-uses.ts";

/**
 * What one or more keepalived.conf say on one machine, read in order as if one included the next. `configId` chooses
 * among `@name` lines: keepalived's `-i`, by default the host's short name; null where it is not known.
 */
export const keepalivedConfig = (
  sources: readonly SourceText[],
  configId: string | null = null,
): KeepalivedConfig => {
  const read = sources.map(logicalLines);
  const { statements, problems } = expandLines(
    read.flatMap(({ logical }) => logical),
    configId,
  );
  const globals = findStatements(statements, "global_defs").flatMap(({ block }) => block ?? []);
  const syncGroups = findStatements(statements, "vrrp_sync_group").flatMap(syncGroupOf);
  return {
    sources,
    globals,
    instances: findStatements(statements, "vrrp_instance").flatMap((statement) =>
      instanceOf(statement, settingOf(globals, "vrrp_version"), syncGroups),
    ),
    syncGroups,
    trackers: statements.flatMap(trackerOf),
    statements,
    problems: [...read.flatMap((each) => each.problems), ...problems],
  };
};

const syncGroupOf = ({ words, block }: KeepalivedStatement): readonly SyncGroup[] => {
  const name = words[1];
  if (name === undefined) return [];
  const statements = block ?? [];
  return [
    {
      at: name.at,
      name: name.text,
      members: blockWords(statements, "group"),
      trackers: trackerUses(statements),
      statements,
    },
  ];
};

const KINDS: ReadonlyMap<string, { readonly kind: Tracker["kind"]; readonly target: string }> = new Map([
  ["vrrp_script", { kind: "script", target: "script" }],
  ["vrrp_track_file", { kind: "file", target: "file" }],
  ["track_file", { kind: "file", target: "file" }],
  ["vrrp_track_process", { kind: "process", target: "process" }],
]);

const trackerOf = (statement: KeepalivedStatement): readonly Tracker[] => {
  const known = KINDS.get(keywordOf(statement));
  const name = statement.words[1];
  if (known === undefined || name === undefined) return [];
  const statements = statement.block ?? [];
  const written = settingOf(statements, "weight");
  const target = findStatement(statements, known.target)?.words.slice(1) ?? [];
  return [
    {
      at: name.at,
      kind: known.kind,
      name: name.text,
      weight: written === null ? (known.kind === "file" ? 1 : 0) : integer(written),
      target: target.map(({ text }) => text).join(" "),
      statements,
    },
  ];
};

const integer = ({ text }: Word): number => {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? 0 : value;
};
