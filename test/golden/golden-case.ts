import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import { parse as parseYaml } from "yaml";
import type { Action } from "../../src/core/action.ts";
import { coerce } from "../../src/core/coerce.ts";
import { LbplayError, LbplayErrors } from "../../src/core/error.ts";
import type { ReadResult } from "../../src/core/probe.ts";
import type { Input, Inputs, Params, PlannedAction, PlannedState, Task } from "../../src/core/task.ts";
import { fromJson, type Json, toJson, type Value } from "../../src/core/value.ts";
import { fileAnswer } from "./file-answer.ts";

/** One case: a task's parameters, what the node answered, what must follow. test/golden/README.md says what each key holds. */
export interface Golden {
  readonly why: string;
  readonly params: Json;
  readonly host: Readonly<Record<string, unknown>>;
  readonly inputs: readonly unknown[];
  readonly plan: unknown;
  readonly values: unknown;
  readonly outcomes: readonly unknown[] | null;
  readonly report: unknown;
}

const KEYS = new Set(["why", "params", "host", "inputs", "plan", "values", "outcomes", "report"]);

/** Reads a case; YAML 1.1, as playbooks are. */
export const parseCase = (text: string): Golden => {
  const raw = parseYaml(text, { version: "1.1" });
  const unknown = Object.keys(raw).filter((key) => !KEYS.has(key));
  if (unknown.length > 0) throw new Error(`unknown keys in a golden: ${unknown.join(", ")}`);
  if (typeof raw.why !== "string" || raw.plan === undefined) throw new Error("a golden needs why and plan");
  return {
    why: raw.why,
    params: raw.params ?? {},
    host: raw.host ?? {},
    inputs: raw.inputs ?? [],
    plan: raw.plan,
    values: raw.values,
    outcomes: raw.outcomes ?? null,
    report: raw.report,
  };
};

/** Runs a case from its parameters to its plan; both sides in the form goldens are written in. */
export const runCase = (task: Task, golden: Golden): { expected: unknown; actual: unknown } => {
  const expected = { plan: golden.plan, values: golden.values, report: golden.report };
  const outcome = outcomeOf(task, golden);
  const actual = JSON.stringify(golden.plan).includes('"touches"')
    ? outcome
    : { ...outcome, plan: withoutTouches(outcome.plan) };
  const { values, report, ...rest } = { values: undefined, report: undefined, ...actual };
  return {
    expected: defined(expected),
    actual: defined({
      ...rest,
      ...(golden.values === undefined ? {} : { values }),
      ...(golden.report === undefined ? {} : { report }),
    }),
  };
};

const withoutTouches = (plan: unknown): unknown =>
  JSON.parse(JSON.stringify(plan, (key, value) => (key === "touches" ? undefined : value)));

const outcomeOf = (task: Task, golden: Golden): Readonly<Record<string, unknown>> => {
  const { value, faults } = coerce(task.schema, fromJson(golden.params));
  const refused = [
    ...faults.map(({ path, message }) => `${path.join(".")}: ${message}`),
    ...(faults.length > 0 ? [] : schemaFaults(task, value)),
  ];
  // Coercion gives an object for the mapping that params is.
  const params = value as Params;
  const rules = refused.length > 0 ? refused : task.rules(params);
  if (rules.length > 0) return { plan: { refused: rules } };
  try {
    return planned(task, golden, params);
  } catch (error) {
    if (error instanceof LbplayError) return { plan: { refused: [error.message] } };
    if (error instanceof LbplayErrors) {
      return { plan: { refused: error.errors.map(({ message }) => message) } };
    }
    throw error;
  }
};

const ajv = new Ajv({ strict: false, allErrors: true });
const validates = new Map<Task, ValidateFunction>();

/** A module has many cases, and compiling its schema takes longer than all of them. */
const validateOf = (task: Task): ValidateFunction => {
  const known = validates.get(task);
  if (known !== undefined) return known;
  const validate = ajv.compile(task.schema);
  validates.set(task, validate);
  return validate;
};

/** Absent optional parameters are null after coercion, which no schema says of itself. */
const schemaFaults = (task: Task, value: unknown): readonly string[] => {
  const validate = validateOf(task);
  validate(withoutNulls(value));
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath.slice(1)}: ${message}${"additionalProperty" in params ? ` (${params.additionalProperty})` : ""}`,
  );
};

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const present = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(present.map(([name, item]) => [name, withoutNulls(item)]));
};

const planned = (task: Task, golden: Golden, params: Params): Readonly<Record<string, unknown>> => {
  const bound = task.bind(params, golden.inputs.map(readInput));
  if (bound.kind === "controller") throw new Error("controller modules have no goldens: nothing is read");
  if (bound.kind === "engine") return { plan: bound.order };
  const answers = answersFor(bound.probe.reads, golden.host);
  return bound.kind === "state"
    ? shownState(bound.probe.parse(answers))
    : shownAction(bound.probe.parse(answers), golden);
};

const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));

const readInput = (raw: unknown): Inputs[number] => {
  const {
    path,
    fixture,
    content = "",
    mode = 0o644,
    absent,
    entries = [],
  } = raw as {
    path: string;
    fixture?: string;
    content?: string;
    mode?: number;
    absent?: boolean;
    entries?: readonly { path: string; content?: string | null; mode?: number }[];
  };
  const input: Input = {
    path,
    content: fixture === undefined ? Buffer.from(content) : readFileSync(`${FIXTURES}${fixture}`),
    mode,
    directory: entries.length > 0,
    ...(absent === undefined ? {} : { absent }),
    entries: entries.map((entry) => ({
      path: entry.path,
      content: typeof entry.content === "string" ? Buffer.from(entry.content) : null,
      mode: entry.mode ?? (typeof entry.content === "string" ? 0o644 : 0o755),
    })),
  };
  return input;
};

/** A read goes by its label (the comment it begins with) or, without one, by its whole text. */
const nameOf = (script: string): string =>
  script.startsWith("# ") ? script.slice(2).split("\n", 1).join("") : script;

const answersFor = (
  reads: readonly string[],
  host: Readonly<Record<string, unknown>>,
): readonly ReadResult[] => {
  const asked = new Map(reads.map((script) => [nameOf(script), script]));
  if (asked.size !== new Set(reads).size) throw new Error("two different reads have the same label");
  expectSame([...asked.keys()].sort(), Object.keys(host).sort());
  return reads.map((script) => answerOf(script, host[nameOf(script)]));
};

const expectSame = (asked: readonly string[], answered: readonly string[]): void => {
  if (JSON.stringify(asked) === JSON.stringify(answered)) return;
  const missing = asked.filter((name) => !answered.includes(name));
  const surplus = answered.filter((name) => !asked.includes(name));
  throw new Error(
    `host does not answer what is asked.\nmissing: ${missing.join("\n")}\nnever asked: ${surplus.join("\n")}`,
  );
};

/** Raw output, an exit code alone, `{code, stdout, stderr}`, or a file described (see file-answer.ts). */
const answerOf = (script: string, raw: unknown): ReadResult => {
  if (typeof raw === "number") return result({ code: raw });
  if (raw === "absent" || (typeof raw === "object" && raw !== null && "file" in raw)) {
    return fileAnswer(script, raw);
  }
  if (typeof raw === "string") return result({ stdout: raw });
  return result(Object(raw));
};

const result = (raw: { code?: number; stdout?: string; stderr?: string; base64?: string }): ReadResult => ({
  code: raw.code ?? 0,
  stdout: raw.base64 === undefined ? Buffer.from(raw.stdout ?? "") : Buffer.from(raw.base64, "base64"),
  stderr: Buffer.from(raw.stderr ?? ""),
});

const shownState = ({ plan, values, was }: PlannedState): Readonly<Record<string, unknown>> => ({
  plan: shownPlan(plan),
  values: plainValues({ ...values, ...was }),
});

const shownPlan = (plan: PlannedState["plan"]): unknown => {
  switch (plan.kind) {
    case "converged":
      return "converged";
    case "blocked":
      return { blocked: plan.reason, ...(plan.foreseen === undefined ? {} : { foreseen: plan.foreseen }) };
    case "changes":
      return plan.changes.map(({ view, actions, keeps }) => ({
        view: brief(view),
        actions: actions.map(shownAct),
        ...(keeps.length === 0 ? {} : { keeps: keeps.map(brief) }),
      }));
  }
};

const shownAction = (
  { decision, report }: PlannedAction,
  golden: Golden,
): Readonly<Record<string, unknown>> => ({
  plan: decision.kind === "run" ? { run: decision.actions.map(shownAct) } : { done: decision.msg },
  ...(decision.kind === "done" ? { values: plainValues(decision.values) } : {}),
  ...(golden.outcomes === null ? {} : { report: shownReport(report(golden.outcomes.map(outcome))) }),
});

const outcome = (raw: unknown): ReadResult =>
  typeof raw === "string" ? result({ stdout: raw }) : result(Object(raw));

const shownReport = (report: ReturnType<PlannedAction["report"]>): unknown => ({
  ...brief(report),
  values: plainValues(report.values),
});

/** Commands of a case that do not say what they change besides: nothing could be put back of them. */
export const silentCommands = (task: Task, golden: Golden): readonly unknown[] => {
  const params = coerce(task.schema, fromJson(golden.params)).value as Params;
  const bound = task.bind(params, golden.inputs.map(readInput));
  if (bound.kind === "controller" || bound.kind === "engine") return [];
  const parsed = bound.probe.parse(answersFor(bound.probe.reads, golden.host));
  return actionsIn(parsed)
    .filter((action) => ("argv" in action || "script" in action ? action.touches === undefined : false))
    .map(shownAct);
};

const actionsIn = (parsed: PlannedState | PlannedAction): readonly Action[] => {
  if ("decision" in parsed) return parsed.decision.kind === "run" ? parsed.decision.actions : [];
  return parsed.plan.kind === "changes" ? parsed.plan.changes.flatMap(({ actions }) => actions) : [];
};

/** `run: [argv]`, `write: path`, `remove: path`, `script: text`, beside them whatever is not the default. */
const shownAct = (action: Action): unknown => {
  switch (action.kind) {
    case "run": {
      const { kind, argv, ...rest } = action;
      return { [kind]: argv, ...brief(rest) };
    }
    case "script": {
      const { kind, script, ...rest } = action;
      return { [kind]: script, ...brief(rest) };
    }
    case "write": {
      const { kind, path, ...rest } = action;
      return { [kind]: path, ...brief(rest) };
    }
    case "remove":
      return { remove: action.path };
  }
};

/** Without what is null or false, and bytes as text (base64 where they are none). */
const brief = (fields: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== null && value !== false && value !== undefined)
      .map(([key, value]) => [key, Buffer.isBuffer(value) ? bytes(value) : value]),
  );

const bytes = (content: Buffer): string | { base64: string } => {
  const text = content.toString("utf8");
  return Buffer.from(text).equals(content) ? text : { base64: content.toString("base64") };
};

const plainValues = (values: Readonly<Record<string, Value>>): Readonly<Record<string, Json>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, toJson(value)]));

const defined = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
