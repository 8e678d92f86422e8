import { LbplayError } from "../../core/error.ts";
import type { Schema } from "../../core/schema.ts";
import { type ControllerReport, defineController, type EvaluationScope } from "../../core/task.ts";
import { isList, toJson, type Value } from "../../core/value.ts";

/** Parameters of debug, under ansible.builtin.debug's names. */
interface DebugParams {
  readonly msg: Value;
  readonly var: Value;
  readonly verbosity: number;
}

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    msg: { "x-raw": true, description: "What to show; without msg and var it is a greeting." },
    var: { "x-raw": true, description: "A variable or an expression, without braces, whose value to show." },
    verbosity: {
      type: "integer",
      minimum: 0,
      default: 0,
      description: "Show it only when the run has at least this many -v.",
    },
  },
};

/** Shows a message or the value of a variable. */
export const debug = defineController<DebugParams>({
  kind: "controller",
  name: "debug",
  aliases: ["ansible.builtin.debug"],
  summary: "Shows a message or the value of a variable.",
  schema,
  example: `- ansible.builtin.debug:
    var: ansible_facts.default_ipv4.address
`,
  rules: (params) => [
    ...(params.msg !== null && params.var !== null ? ["'msg' and 'var' are incompatible options"] : []),
  ],
  run: (params, scope) => {
    if (params.verbosity > scope.verbosity)
      return shown(null, { skipped: true, skipped_reason: "Verbosity threshold not met." });
    if (params.var !== null) return shown(null, { [nameOf(params.var)]: shownValue(params.var, scope) });
    const message = params.msg ?? "Hello world!";
    return typeof message === "string" ? shown(message, {}) : shown(null, { msg: message });
  },
});

const shown = (msg: string | null, values: Readonly<Record<string, Value>>): ControllerReport => ({
  changed: false,
  failed: false,
  msg,
  values,
  facts: new Map(),
});

/** A template in `var` was rendered before it gets here and is shown under Python's name of its type. */
const nameOf = (value: Value): string =>
  typeof value === "string"
    ? value
    : isList(value)
      ? "<class 'list'>"
      : value instanceof Map
        ? "<class 'dict'>"
        : String(toJson(value));

const shownValue = (value: Value, scope: EvaluationScope): Value => {
  if (typeof value !== "string") return value;
  try {
    return scope.evaluate(value);
  } catch (error) {
    if (!(error instanceof LbplayError) || error.code !== "E_UNDEFINED") throw error;
    return scope.verbosity > 0 ? `VARIABLE IS NOT DEFINED!: ${error.message}` : "VARIABLE IS NOT DEFINED!";
  }
};
