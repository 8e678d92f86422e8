import type { Action, ActionOutcome } from "../../core/action.ts";
import type { ActionReport } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";

const CLOCK: Action = { kind: "run", argv: ["date", "+%Y-%m-%d %H:%M:%S.%N"], touches: [] };

/** A command between two looks at the node's clock; its exit code is a result, whatever it is. */
export const timed = (command: Action): readonly [Action, ...Action[]] => [CLOCK, command, CLOCK];

/** What register sees of a timed command. */
export const reportOf = (
  cmd: Value,
  outcomes: readonly ActionOutcome[],
  stripsEnds: boolean,
): ActionReport => {
  const [before, command, after] = outcomes;
  if (command === undefined) throw new Error("a command reports nothing");
  const shown = (bytes: Buffer): string => {
    const text = bytes.toString("utf8");
    return stripsEnds ? text.replace(/[\r\n]+$/, "") : text;
  };
  const stdout = shown(command.stdout);
  const stderr = shown(command.stderr);
  const failed = command.code !== 0;
  return {
    changed: true,
    failed,
    msg: failed ? "non-zero return code" : null,
    values: {
      cmd,
      rc: command.code,
      stdout,
      stdout_lines: linesOf(stdout),
      stderr,
      stderr_lines: linesOf(stderr),
      ...times(before, after),
    },
  };
};

/** Lines as Python's splitlines gives them: no empty one after the last line feed. */
export const linesOf = (text: string): readonly string[] => {
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
};

const times = (
  before: ActionOutcome | undefined,
  after: ActionOutcome | undefined,
): Readonly<Record<string, Value>> => {
  const [start, end] = [before, after].map((outcome) => clockOf(outcome));
  if (start === undefined || end === undefined) return { start: null, end: null, delta: null };
  return { start: start.text, end: end.text, delta: duration(end.micros - start.micros) };
};

/** busybox's clock knows no fractions and prints what it does not know as it is. */
const clockOf = (outcome: ActionOutcome | undefined): { text: string; micros: number } | undefined => {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\.(\d*)/.exec(outcome?.stdout.toString("utf8") ?? "");
  if (match === null) return undefined;
  const [, day = "", time = "", fraction = ""] = match;
  const micros = fraction.slice(0, 6).padEnd(6, "0");
  return {
    text: `${day} ${time}.${micros}`,
    micros: Date.parse(`${day}T${time}Z`) * 1000 + Number(micros),
  };
};

/** As Python prints a timedelta: `0:00:01.234567`. */
const duration = (micros: number): string => {
  const positive = Math.max(0, micros);
  const seconds = Math.floor(positive / 1_000_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const fraction = String(positive % 1_000_000).padStart(6, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`;
};
