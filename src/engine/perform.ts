import {
  type Action,
  type ActionOutcome,
  type RunAction,
  type ScriptAction,
  touchedBy,
  type WriteAction,
} from "../core/action.ts";
import type { ReadResult } from "../core/probe.ts";
import { argv, quote } from "../core/shell.ts";
import { TransportError } from "../core/transport.ts";
import { endOfPart, readPart, splitParts } from "./batch.ts";
import { exportsOf } from "./environment.ts";
import { saveScript } from "./journal.ts";

/** Actions, and the reads that follow them, as one script for a node. */
export interface Performance {
  readonly script: string;
  /** The contents of all files and standard inputs, one after the other. */
  readonly stdin: Buffer;
  readonly split: (stdout: Buffer, stderr: Buffer) => Performed;
}

/** What became of it. */
export interface Performed {
  /** Of the actions that ran; the last one is the one that failed, if any. */
  readonly outcomes: readonly ActionOutcome[];
  readonly failed: boolean;
  /** The last one did not run, since what it would have changed could not be kept. */
  readonly unkept: boolean;
  readonly reads: readonly (ReadResult | null)[];
}

/** What a performance needs besides its actions. */
export interface PerformOptions {
  /** Random text that marks the ends of parts. */
  readonly nonce: string;
  /** Shell text run before the first action: records owed handlers. */
  readonly before: string;
  /** Shell text run after the last action. */
  readonly after: string;
  /** What each action would change is kept in the node's journal before. */
  readonly journal: boolean;
  /** Shell text run if nothing was changed after all: the first action was a write, and it failed. */
  readonly unchanged: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly reads: readonly string[];
}

/** The one place that turns actions into something a node can do. They run in order and stop at the first that fails. */
export const composeActions = (actions: readonly Action[], options: PerformOptions): Performance => {
  const end = endOfPart(options.nonce);
  const steps = actions.map((action) => {
    const body = actionScript(action, options.environment);
    const step = `( ${body}\n) ${inputOf(action)} 9>&-`;
    return `if [ $lbp_ok = 1 ]; then\nlbp_ran=$((lbp_ran + 1))\n${options.journal ? kept(action, step) : step}\n${end}\n${verdict(action)}\nfi`;
  });
  const reads = options.reads.map((script) => readPart(script, options.nonce));
  const script = [
    "lbp_ok=1; lbp_ran=0",
    options.before,
    ...steps,
    options.after,
    options.unchanged === ""
      ? ""
      : `if [ $lbp_ran = 1 ] && case $lbp_ok in 2) ;; 0) ${actions[0]?.kind === "write" ? ":" : "false"} ;; *) false ;; esac; then\n${options.unchanged}\nfi`,
    `printf '%s %d\\n' ${options.nonce}-done $lbp_ok`,
    ...reads,
    "",
  ]
    .filter((line, index, all) => line !== "" || index === all.length - 1)
    .join("\n");
  return {
    script,
    stdin: Buffer.concat(actions.flatMap((action) => stdinOf(action) ?? [])),
    split: (stdout, stderr) => splitPerformance(actions, options, stdout, stderr),
  };
};

/** An action that runs only if what it changes is kept; lbp_ok is 2 where it is not. */
const kept = (action: Action, step: string): string =>
  `if ( ${saveScript(touchedBy(action))}\n) </dev/null 9>&-; then\n${step}\nelse\nlbp_ok=2; ( exit 74 )\nfi`;

/** The mark between actions and reads also carries whether all went well. */
const splitPerformance = (
  actions: readonly Action[],
  options: PerformOptions,
  stdout: Buffer,
  stderr: Buffer,
): Performed => {
  const done = Buffer.from(`${options.nonce}-done `);
  const boundary = stdout.indexOf(done);
  if (boundary === -1) throw cutShort();
  const ranParts = splitParts(options.nonce, actions.length, stdout.subarray(0, boundary), stderr);
  const outcomes = ranParts.filter((part) => part !== null);
  const afterLine = stdout.indexOf(0x0a, boundary) + 1;
  const verdict = stdout.toString("latin1", boundary + done.length, afterLine).trim();
  const restErrors = stderr.subarray(errorEndOf(options.nonce, outcomes.length, stderr));
  return {
    outcomes,
    failed: verdict !== "1",
    unkept: verdict === "2",
    reads: splitParts(options.nonce, options.reads.length, stdout.subarray(afterLine), restErrors),
  };
};

/** A shell that says nothing more was killed: by an action, or by a kernel out of memory. */
export const cutShort = (): TransportError =>
  new TransportError({
    fault: "lost",
    message: "the node's answer was cut short: the shell that performed the actions was killed",
    hint: "see whether a command ended it, or the kernel for want of memory (journalctl -k), then run again",
  });

const errorEndOf = (nonce: string, parts: number, stderr: Buffer): number => {
  const mark = Buffer.from(`${nonce}\n`);
  let at = 0;
  for (let part = 0; part < parts; part += 1) {
    const end = stderr.indexOf(mark, at);
    if (end === -1) return stderr.length;
    at = end + mark.length;
  }
  return at;
};

const stdinOf = (action: Action): Buffer | null => {
  if (action.kind === "write") return action.content;
  if (action.kind === "remove") return null;
  return action.stdin ?? null;
};

const inputOf = (action: Action): string => (stdinOf(action) === null ? "</dev/null" : "");

/** Sets lbp_ok from `$lbp_c`, the exit code of the action that just ended. */
const verdict = (action: Action): string => {
  const codes = action.kind === "run" || action.kind === "script" ? (action.okCodes ?? [0]) : [0];
  if (codes === "any") return ":";
  return `case $lbp_c in ${codes.join("|")}) ;; *) [ $lbp_ok = 2 ] || lbp_ok=0 ;; esac`;
};

const actionScript = (action: Action, environment: Readonly<Record<string, string>>): string => {
  switch (action.kind) {
    case "run":
    case "script":
      return commandScript(action, environment);
    case "write":
      return writeScript(action, environment);
    case "remove":
      return `rm -rf -- ${quote(action.path)}`;
  }
};

const commandScript = (
  action: RunAction | ScriptAction,
  environment: Readonly<Record<string, string>>,
): string => {
  const variables = Object.entries({ ...environment, ...action.environment });
  const command = action.kind === "run" ? argv(...action.argv) : interpreted(action);
  const fed =
    action.stdin === undefined
      ? command
      : `head -c ${action.stdin.length} | { ( ${command}\n); lbp_x=$?; cat >/dev/null; exit $lbp_x; }`;
  return [
    ...(variables.length === 0 ? [] : [exportsOf(Object.fromEntries(variables)).trimEnd()]),
    ...(action.chdir === undefined ? [] : [`cd ${quote(action.chdir)} || exit 1`]),
    action.failOnStderr === undefined ? fed : failingOnStderr(fed, action.failOnStderr),
  ].join("\n");
};

const interpreted = (action: ScriptAction): string =>
  action.shell === undefined
    ? `eval ${quote(action.script)}`
    : `${quote(action.shell)} -c ${quote(action.script)}`;

/** Standard error is passed on, and looked at: some tools report a refusal only there. */
const failingOnStderr = (command: string, pattern: string): string =>
  `exec 3>&1; lbp_e=$( { ${command}\n} 2>&1 >&3 3>&- ); lbp_r=$?; exec 3>&-; printf '%s' "$lbp_e" >&2\n` +
  `if printf '%s\\n' "$lbp_e" | grep -Eq ${quote(pattern)}; then exit 1; fi; exit $lbp_r`;

/**
 * A file in place as a whole: temporary file beside it, complete, owned, validated, on disk, then renamed.
 * Whatever fails before the rename leaves the target as it was and no temporary file behind.
 */
const writeScript = (action: WriteAction, environment: Readonly<Record<string, string>>): string => {
  const path = quote(action.path);
  const directory = action.path.replace(/\/[^/]*$/, "") || "/";
  const owner = [action.owner ?? "", action.group ?? ""].join(":");
  return [
    "umask 077",
    `[ -d ${quote(directory)} ] || { ${complain(`the directory ${directory} does not exist`)}; exit 1; }`,
    `t=$(mktemp ${quote(directory)}/.lbplay.XXXXXXXX) || exit 1`,
    `trap 'rm -f "$t"' EXIT; trap 'exit 129' HUP INT TERM PIPE`,
    `head -c ${action.content.length} >"$t" || exit 1`,
    `[ "$(wc -c <"$t")" -eq ${action.content.length} ] || { ${complain(`${action.path} could only be written in part: is the disk full?`)}; exit 1; }`,
    `if [ -f ${path} ]; then chown --reference=${path} "$t" 2>/dev/null; fi`,
    ...(owner === ":" ? [] : [`chown ${quote(owner.replace(/:$/, ""))} "$t" || exit 1`]),
    // Until now nobody else could read it, whatever the mode of the file it replaces.
    action.mode === null
      ? `if [ -f ${path} ]; then chmod --reference=${path} "$t"; else chmod 0644 "$t"; fi`
      : `chmod ${quote(action.mode)} "$t" || exit 1`,
    ...(action.validate === null
      ? []
      : [`( ${exportsOf(environment)}${validation(action.validate)}\n) || exit 65`]),
    `sync "$t" 2>/dev/null || sync`,
    ...(action.backup
      ? [`[ ! -e ${path} ] || cp -p ${path} ${path}.$(date +%Y-%m-%d@%H:%M:%S~) || exit 1`]
      : []),
    `if [ -d ${path} ]; then if [ -h ${path} ]; then rm -f ${path}; else ${complain(`${action.path} is a directory`)}; exit 1; fi; fi`,
    `mv -f "$t" ${path} || exit 1`,
    `if command -v restorecon >/dev/null 2>&1; then restorecon ${path} 2>/dev/null; fi; :`,
  ].join("\n");
};

/** The validator's own words reach the user; a refusal is told apart from a failing write by exit code 65 (EX_DATAERR). */
const validation = (words: readonly string[]): string => {
  const command = words
    .map((word) =>
      word
        .split("%s")
        .map((part) => (part === "" ? "" : quote(part)))
        .join('"$t"'),
    )
    .join(" ");
  return `${command} </dev/null >&2 || { ${complain(`validation failed: ${words.join(" ")}`)}; exit 65; }`;
};

const complain = (message: string): string => `printf '%s\\n' ${quote(message)} >&2`;
