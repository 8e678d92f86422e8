import { known, type Probe, read } from "../../core/probe.ts";
import type { Schema } from "../../core/schema.ts";
import type { ActionDecision } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { labelled } from "../shared-probes/label.ts";
import { expandable, globWord } from "./words.ts";

/** The parameters that let a command run only where it is needed. */
export interface GuardParams {
  readonly chdir: string | null;
  readonly creates: string | null;
  readonly removes: string | null;
}

/** Whether a command is needed: null, or why not. */
export interface GuardFacts {
  readonly unneeded: string | null;
}

/** Schema properties of GuardParams. */
export const guardProperties: Readonly<Record<string, Schema>> = {
  chdir: { type: "string", minLength: 1, description: "The directory to run it in." },
  creates: {
    type: "string",
    minLength: 1,
    description: "A path or pattern; where something matches, nothing is run.",
  },
  removes: {
    type: "string",
    minLength: 1,
    description: "A path or pattern; where nothing matches, nothing is run.",
  },
};

/** Looks for what a command creates or removes; relative paths count from the directory it runs in. */
export const guard = ({ chdir, creates, removes }: GuardParams): Probe<GuardFacts> => {
  if (creates === null && removes === null) return known({ unneeded: null });
  const found = (path: string, code: number, wanted: boolean): readonly string[] => [
    `f() { for p in ${globWord(path)}; do if [ -e "$p" ] || [ -h "$p" ]; then return 0; fi; done; return 1; }`,
    wanted ? `if f; then exit ${code}; fi` : `if ! f; then exit ${code}; fi`,
  ];
  const label = [
    ...(creates === null ? [] : [`creates ${creates}`]),
    ...(removes === null ? [] : [`removes ${removes}`]),
    ...(chdir === null ? [] : [`in ${chdir}`]),
  ].join(", ");
  const script = labelled(label, [
    ...(chdir === null ? [] : [`cd ${expandable(chdir)} 2>/dev/null || exit 0`]),
    ...(creates === null ? [] : found(creates, 10, true)),
    ...(removes === null ? [] : found(removes, 11, false)),
    "exit 0",
  ]);
  return read(script, ({ code }) => ({
    unneeded: code === 10 ? `'${creates}' exists` : code === 11 ? `'${removes}' does not exist` : null,
  }));
};

/** Whether the node shows that a command is needed, so that check mode can tell. */
export const isGuarded = ({ creates, removes }: GuardParams): boolean => creates !== null || removes !== null;

/** The decision not to run, with what register sees then. */
export const notRun = (reason: string, cmd: Value): ActionDecision => {
  const stdout = `skipped, since ${reason.replaceAll("'", "")}`;
  return {
    kind: "done",
    msg: `Did not run command since ${reason}`,
    values: {
      cmd,
      rc: 0,
      stdout,
      stdout_lines: [stdout],
      stderr: "",
      stderr_lines: [],
      start: null,
      end: null,
      delta: null,
    },
  };
};
