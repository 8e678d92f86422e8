import { faultText, pathText } from "../../core/argument-spec/findings.ts";
import { optionsOf } from "../../core/argument-spec/option.ts";
import { specFaults } from "../../core/argument-spec/spec-faults.ts";
import { validateArguments } from "../../core/argument-spec/validate.ts";
import type { Schema } from "../../core/schema.ts";
import { defineController, type EvaluationScope } from "../../core/task.ts";
import { type Dict, isDict, type Value } from "../../core/value.ts";

/** Parameters of validate_argument_spec, under ansible.builtin.validate_argument_spec's names. */
interface ValidateParams {
  readonly argument_spec: Value;
  readonly provided_arguments: Value;
  readonly validate_args_context: Value;
}

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["argument_spec"],
  properties: {
    argument_spec: {
      "x-raw": true,
      description:
        "Options by the names of the variables to validate: type, required, choices, elements, options, as under `options` of a role's meta/argument_specs.yml.",
    },
    provided_arguments: {
      "x-raw": true,
      description:
        "Values that count instead of the variables of these names; each has to be in argument_spec.",
    },
    validate_args_context: {
      "x-raw": true,
      description: "What is validated, for messages: type, name, argument_spec_name, path.",
    },
  },
};

/** Fails where variables are not as an argument spec says; what runs at the start of a role that has one. */
export const validateArgumentSpec = defineController<ValidateParams>({
  kind: "controller",
  name: "validate_argument_spec",
  aliases: ["ansible.builtin.validate_argument_spec"],
  summary: "Fails unless variables are as an argument spec says.",
  schema,
  example: `- ansible.builtin.validate_argument_spec:
    argument_spec:
      app_port: { type: int, required: true }
      app_protocol: { type: str, choices: [http, tcp] }
`,
  rules: ({ argument_spec, provided_arguments, validate_args_context }) => [
    ...(isDict<Value>(argument_spec)
      ? specFaults(argument_spec).map(({ path, message }) => `argument_spec.${path.join(".")}: ${message}`)
      : ["argument_spec: expected a mapping of options"]),
    ...(dictOrNothing(provided_arguments) ? [] : ["provided_arguments: expected a mapping of values"]),
    ...(dictOrNothing(validate_args_context) ? [] : ["validate_args_context: expected a mapping"]),
  ],
  run: ({ argument_spec, provided_arguments, validate_args_context }, scope) => {
    const spec = dictOf(argument_spec);
    const about = dictOf(validate_args_context);
    const given = new Map([...variablesOf(spec, scope), ...dictOf(provided_arguments)]);
    const errors = validateArguments(spec, given);
    const values = { validate_args_context: about };
    if (errors.length === 0)
      return { ...NOTHING, failed: false, msg: "The arg spec validation passed", values };
    const role = about.get("type") === "role" ? `role ${String(about.get("name"))}: ` : "";
    const lines = errors.flatMap(({ faults }) =>
      faults.map((fault) => {
        const told = `${role}${pathText(fault.path)}: ${faultText(fault)}`;
        return fault.hint === null ? told : `${told}; ${fault.hint}`;
      }),
    );
    return {
      ...NOTHING,
      failed: true,
      msg: ["Validation of arguments failed:", ...lines].join("\n"),
      values: { ...values, argument_spec_data: spec, argument_errors: errors.map(({ ansible }) => ansible) },
    };
  },
});

const NOTHING = { changed: false, facts: new Map<string, Value>() } as const;

const dictOrNothing = (value: Value): boolean => value === null || isDict(value);

const dictOf = (value: Value): Dict => (isDict<Value>(value) ? value : new Map());

/** The variables that the spec names, as far as they are there. */
const variablesOf = (spec: Dict, scope: EvaluationScope): readonly (readonly [Value, Value])[] =>
  optionsOf(spec).flatMap(([name]) => {
    const value = scope.variable(name);
    return value === undefined ? [] : [[name, value] as const];
  });
