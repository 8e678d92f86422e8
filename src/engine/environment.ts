import { LbplayError } from "../core/error.ts";
import type { TaskStep } from "../core/play.ts";
import { quote } from "../core/shell.ts";
import type { BoundTask } from "../core/task.ts";
import { isDict, isList, type Value } from "../core/value.ts";
import type { PlayRun } from "./play-run.ts";
import type { TaskScope } from "./templar.ts";

/** Variables of a task's environment by name. */
export type Environment = Readonly<Record<string, string>>;

/** What `environment` comes to for a task, the innermost last. Throws LbplayError: a name that no shell takes. */
export const environmentOf = (step: TaskStep, scope: TaskScope, run: PlayRun): Environment =>
  Object.fromEntries(
    step.keywords.environment.flatMap((layer) => {
      const value = run.templar.resolve(layer, scope);
      const layers = isList<Value>(value) ? value : [value];
      return layers.flatMap((one) =>
        isDict<Value>(one) ? [...one].map(([name, text]) => [variableName(name, step), plainText(text)]) : [],
      );
    }),
  );

/** Anything else would be read by the node's shell as something of its own. */
const variableName = (name: Value, step: TaskStep): string => {
  if (typeof name === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw new LbplayError({
    code: "E_ENVIRONMENT",
    message: `environment: ${JSON.stringify(String(name))} cannot be the name of a variable`,
    at: step.at,
    hint: "use letters, digits and underscores, no digit first",
  });
};

const plainText = (value: Value): string =>
  typeof value === "boolean" ? (value ? "True" : "False") : value === null ? "" : String(value);

/** Shell lines that set an environment; empty where there is nothing to set. */
export const exportsOf = (environment: Environment): string =>
  Object.entries(environment)
    .map(([name, value]) => `${name}=${quote(value)}; export ${name}\n`)
    .join("");

/** A task whose reads see its environment too (PATH, proxies). They stay in the C locale: answers are parsed. */
export const readInEnvironment = (bound: BoundTask, environment: Environment): BoundTask => {
  const exports = exportsOf(
    Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(LC_.*|LANG|LANGUAGE)$/.test(name))),
  );
  if (bound.kind === "controller" || bound.kind === "engine" || exports === "") return bound;
  const reads = bound.probe.reads.map((script) => afterLabel(script, exports));
  return bound.kind === "state"
    ? { ...bound, probe: { ...bound.probe, reads } }
    : { ...bound, probe: { ...bound.probe, reads } };
};

/** The comment that says what a read asks stays its first line. */
const afterLabel = (script: string, lines: string): string => {
  const start = script.startsWith("# ") ? script.indexOf("\n") + 1 : 0;
  return `${script.slice(0, start)}${lines}${script.slice(start)}`;
};
