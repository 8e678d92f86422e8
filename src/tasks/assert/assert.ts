import type { Schema } from "../../core/schema.ts";
import { type ControllerReport, defineController } from "../../core/task.ts";
import { isList, type Value } from "../../core/value.ts";

/** Parameters of assert, under ansible.builtin.assert's names. */
interface AssertParams {
  readonly that: Value;
  readonly fail_msg: Value;
  readonly success_msg: Value;
  readonly quiet: boolean;
}

const message = (description: string, ...aliases: readonly string[]): Schema => ({
  "x-raw": true,
  description,
  ...(aliases.length === 0 ? {} : { "x-aliases": aliases }),
});

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["that"],
  properties: {
    that: { "x-raw": true, description: "Conditions as in `when`; all must hold." },
    fail_msg: message("What to say when one does not; a text or a list of texts.", "msg"),
    success_msg: message("What to say when all hold; a text or a list of texts."),
    quiet: { type: "boolean", default: false, description: "Say less." },
  },
};

/** Fails unless conditions hold. */
export const assertTask = defineController<AssertParams>({
  kind: "controller",
  name: "assert",
  aliases: ["ansible.builtin.assert"],
  summary: "Fails unless conditions hold.",
  schema,
  example: `- ansible.builtin.assert:
    that:
      - keepalived_priority | int > 0
      - haproxy_frontends | length > 0
    fail_msg: A pair needs a priority and at least one frontend.
`,
  rules: ({ that, fail_msg, success_msg }) => [
    ...(conditionsOf(that).length === 0 ? ["that needs at least one condition"] : []),
    ...(isMessage(fail_msg) ? [] : ["fail_msg is a text or a list of texts"]),
    ...(isMessage(success_msg) ? [] : ["success_msg is a text or a list of texts"]),
  ],
  run: ({ that, fail_msg, success_msg }, scope) => {
    for (const condition of conditionsOf(that)) {
      const holds = typeof condition === "boolean" ? condition : scope.truth(String(condition));
      if (!holds)
        return report(true, fail_msg ?? "Assertion failed", { assertion: condition, evaluated_to: false });
    }
    return report(false, success_msg ?? "All assertions passed", {});
  },
});

const conditionsOf = (that: Value): readonly Value[] =>
  isList<Value>(that) ? that : that === null ? [] : [that];

const isMessage = (value: Value): boolean =>
  value === null ||
  typeof value === "string" ||
  (isList<Value>(value) && value.every((line) => typeof line === "string"));

const report = (failed: boolean, msg: Value, values: Readonly<Record<string, Value>>): ControllerReport => ({
  changed: false,
  failed,
  msg: isList<Value>(msg) ? msg.join("\n") : String(msg),
  values: isList<Value>(msg) ? { ...values, msg } : values,
  facts: new Map(),
});
