import { defineController } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";

/** Parameters of set_fact: variables, and whether they outlive the run. */
type SetFactParams = Readonly<Record<string, Value>>;

/** Gives a host variables for the rest of the run. */
export const setFact = defineController<SetFactParams>({
  kind: "controller",
  name: "set_fact",
  aliases: ["ansible.builtin.set_fact"],
  summary: "Gives a host variables for the rest of the run.",
  schema: {
    type: "object",
    additionalProperties: { "x-raw": true },
    properties: {
      cacheable: {
        type: "boolean",
        default: false,
        description: "Makes facts of them, which a fact cache (fact_caching=jsonfile) keeps for later runs.",
      },
    },
  },
  example: `- ansible.builtin.set_fact:
    vip: "{{ keepalived_vips | first }}"
    owner: "{{ inventory_hostname == groups.lb[0] }}"
`,
  rules: (params) => {
    const names = variablesOf(params).map(([name]) => name);
    const wrong = names.filter((name) => !isName(name) && !/\{[{%]/.test(name));
    return [
      ...(names.length === 0 ? ["No key/value pairs provided, at least one is required"] : []),
      ...wrong.map(noName),
    ];
  },
  run: (params, scope) => {
    const facts = new Map<string, Value>(
      variablesOf(params).map(([name, value]) => [String(scope.render(name)), asBoolean(value)]),
    );
    const wrong = [...facts.keys()].find((name) => !isName(name));
    if (wrong !== undefined) return { ...NOTHING, failed: true, msg: noName(wrong) };
    const values = { ansible_facts: facts, _ansible_facts_cacheable: params.cacheable === true };
    return { changed: false, failed: false, msg: null, values, facts };
  },
});

const NOTHING = { changed: false, failed: false, values: {}, facts: new Map<string, Value>() } as const;

const isName = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name);

const noName = (name: string): string =>
  `${name} is no name of a variable: letters, digits and underscores, no digit first`;

const variablesOf = (params: SetFactParams): readonly (readonly [string, Value])[] =>
  Object.entries(params).filter(([name]) => name !== "cacheable");

/** Ansible makes booleans of these four words here, in whatever case. */
const asBoolean = (value: Value): Value => {
  if (typeof value !== "string") return value;
  const word = value.toLowerCase();
  if (word === "true" || word === "yes") return true;
  return word === "false" || word === "no" ? false : value;
};
