import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parse } from "yaml";
import { parseCommandLine } from "../../../src/cli/args.ts";
import { EXIT, exitCodeOf } from "../../../src/cli/exit-code.ts";
import { extraVars } from "../../../src/cli/extra-vars.ts";
import { loadPlaybooks } from "../../../src/cli/load-playbooks.ts";
import type { RunOptions } from "../../../src/cli/run-options.ts";
import { LbplayError, LbplayErrors } from "../../../src/core/error.ts";
import type { HostRecap, HostResultEvent, RunEvent } from "../../../src/core/event.ts";
import type { Json } from "../../../src/core/value.ts";
import { shellWords } from "../../../src/core/words.ts";
import { tasks } from "../../../src/tasks/registry.ts";
import { temporaryDirectory } from "../../unit/engine/local-session.ts";
import { DEFAULT_SETTINGS, results, runSite } from "../../unit/engine/playbook-run.ts";

const ORACLE = new URL("../../oracle/playbooks/", import.meta.url).pathname;

/** One playbook with what Ansible made of it. */
export interface OracleCase {
  readonly name: string;
  readonly about: string;
  readonly runs: readonly Recorded[];
  readonly byHost: boolean;
  readonly differences: readonly Difference[];
}

/** What record.py wrote of a run. */
export interface Recorded {
  readonly arguments: string;
  readonly exit: string;
  readonly tasks: readonly string[];
  readonly recap: Readonly<Record<string, string>>;
  /** What set_stats noted; absent where it noted nothing. */
  readonly stats?: Readonly<Record<string, Json>>;
  readonly files: Readonly<Record<string, string | null>>;
}

/** A place where lbplay means to differ: in the runs named (counted from 0), what is given here takes the record's place. */
export interface Difference extends Partial<Omit<Recorded, "arguments">> {
  readonly reason: string;
  readonly runs: readonly number[];
}

/** All cases with their records. */
export const oracleCases = (): readonly OracleCase[] =>
  readdirSync(join(ORACLE, "cases")).map((name) => {
    const read = (path: string): string => readFileSync(join(ORACLE, path), "utf8");
    const settings = parse(read(`cases/${name}/case.yml`));
    const differs = join(ORACLE, "cases", name, "differs.yml");
    return {
      name,
      about: settings.about,
      runs: JSON.parse(read(`recorded/${name}.json`)),
      byHost: settings.by === "host",
      differences: existsSync(differs) ? parse(readFileSync(differs, "utf8")) : [],
    };
  });

/** What lbplay is to make of a run: as recorded, but for the differences declared. */
export const wantedOf = (one: OracleCase, index: number): Recorded => {
  const recorded = one.runs[index];
  if (recorded === undefined) throw new Error(`${one.name} has no run ${index}`);
  const declared = one.differences.filter(({ runs }) => runs.includes(index));
  const parts = declared.map(({ reason: _reason, runs: _runs, ...rest }) => rest);
  return Object.assign({}, recorded, ...parts);
};

/** A case laid out in a directory of its own, ready for its runs. */
export const layOut = ({ name }: OracleCase): ((words: string, byHost: boolean) => Promise<Recorded>) => {
  const base = realpathSync(temporaryDirectory());
  const site = join(base, "site");
  cpSync(join(ORACLE, "cases", name), site, { recursive: true });
  if (!existsSync(join(site, "hosts"))) cpSync(join(ORACLE, "hosts"), join(site, "hosts"));
  mkdirSync(join(base, "out"));
  return async (words, byHost) => {
    const { exit, events } = await runCase(base, words);
    const shown = (text: string): string => text.replaceAll(base, "@");
    return {
      arguments: words,
      exit,
      tasks: (byHost ? linesByHost : linesByTask)(results(events)).map(shown),
      recap: recapOf(events),
      ...statsOf(events),
      files: filesOf(join(base, "out"), shown),
    };
  };
};

const EXIT_NAMES: Readonly<Record<number, string>> = {
  [EXIT.ok]: "ok",
  [EXIT.failed]: "failed",
  [EXIT.unreachable]: "unreachable",
};

const runCase = async (
  base: string,
  words: string,
): Promise<{ exit: string; events: readonly RunEvent[] }> => {
  const events: RunEvent[] = [];
  const options = optionsOf(words);
  const directory = join(base, "site");
  const given = [`out=${base}/out`, ...options.extraVars];
  const extra = extraVars(given, { cwd: directory, vaults: [], onSecret: () => undefined });
  try {
    const { report } = await runSite({
      directory,
      state: base,
      settings: {
        mode: options.check ? "check" : "apply",
        diff: options.diff,
        tags: options.tags,
        skipTags: options.skipTags,
        startAtTask: options.startAtTask,
        forceHandlers: options.forceHandlers,
        extraVars: extra,
        connection: { ...DEFAULT_SETTINGS.connection, connection: "local" },
      },
      context: {
        sink: (event) => events.push(event),
        environment: { ...process.env, ORACLE_ENV: "from the environment" },
      },
      load: (request) => {
        const [loaded] = loadPlaybooks(["site.yml"], { ...request, extra, tasks, rolesPath: [] });
        if (loaded === undefined) throw new Error("there is no playbook");
        return loaded;
      },
    });
    return { exit: EXIT_NAMES[exitCodeOf(report, { check: false, exitCode: false })] ?? "", events };
  } catch (error) {
    if (!(error instanceof LbplayErrors) && !(error instanceof LbplayError)) throw error;
    if (process.env.ORACLE_VERBOSE !== undefined) process.stderr.write(`${error.message}\n`);
    return { exit: "error", events };
  }
};

const optionsOf = (words: string): RunOptions => {
  const command = parseCommandLine(["run", "site.yml", ...(shellWords(words) ?? [])]);
  if (command.kind !== "run") throw new Error(`not a run: ${words}`);
  return command.options;
};

const resultLine = (event: HostResultEvent): string => {
  const item =
    event.item === null ? "" : ` [${event.item === "(hidden)" ? "(censored due to no_log)" : event.item}]`;
  const status =
    event.status === "would-follow"
      ? "changed"
      : event.status === "failed" && event.ignored
        ? "ignored"
        : event.status;
  return `${event.host}${item}: ${status}`;
};

/** Tasks in order, each with its results; hosts that are at the same task have no order among them. */
const linesByTask = (events: readonly HostResultEvent[]): readonly string[] => {
  const tasks: { readonly id: string; readonly name: string; readonly lines: string[] }[] = [];
  for (const event of events) {
    const last = tasks.at(-1);
    if (last?.id === event.task.id) last.lines.push(resultLine(event));
    else tasks.push({ id: event.task.id, name: event.task.name, lines: [resultLine(event)] });
  }
  return tasks.map(({ name, lines }) => [name, ...lines.toSorted()].join(" | "));
};

/** What each host did, in its order. */
const linesByHost = (events: readonly HostResultEvent[]): readonly string[] => {
  const hosts = new Map<string, string[]>();
  for (const event of events)
    hosts.set(event.host, [...(hosts.get(event.host) ?? []), `${event.task.name} -> ${resultLine(event)}`]);
  return [...hosts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([host, lines]) => [host, ...lines].join(" | "));
};

const FIGURES: readonly (keyof HostRecap)[] = [
  "ok",
  "changed",
  "unreachable",
  "failed",
  "skipped",
  "rescued",
  "ignored",
];

const recapOf = (events: readonly RunEvent[]): Readonly<Record<string, string>> => {
  const recap = events.find((event) => event.kind === "recap");
  const texts = Object.entries(recap?.hosts ?? {}).map(([host, figures]) => [
    host,
    FIGURES.filter((name) => figures[name] > 0)
      .map((name) => `${name}=${figures[name]}`)
      .join(" "),
  ]);
  return Object.fromEntries(texts.filter(([, text]) => text !== ""));
};

const statsOf = (events: readonly RunEvent[]): Pick<Recorded, "stats"> => {
  const stats = events.find((event) => event.kind === "recap")?.stats ?? {};
  return Object.keys(stats).length === 0 ? {} : { stats };
};

const filesOf = (top: string, shown: (text: string) => string): Readonly<Record<string, string | null>> => {
  const visit = (directory: string): readonly (readonly [string, string | null])[] =>
    readdirSync(directory).flatMap((name) => {
      const path = join(directory, name);
      const own = relative(top, path);
      return statSync(path).isDirectory()
        ? [[`${own}/`, null] as const, ...visit(path)]
        : [[own, shown(readFileSync(path, "utf8"))] as const];
    });
  return Object.fromEntries(visit(top));
};
