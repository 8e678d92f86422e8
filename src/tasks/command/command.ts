import type { Action } from "../../core/action.ts";
import { defineAction } from "../../core/task.ts";
import { type GuardFacts, guard, isGuarded, notRun } from "../command-run/guard.ts";
import { stdinOf } from "../command-run/input.ts";
import { reportOf, timed } from "../command-run/report.ts";
import { expandable, needsNode, splitWords } from "../command-run/words.ts";
import { type CommandParams, schema } from "./schema.ts";

/** Runs a command without a shell. */
export const command = defineAction<CommandParams, GuardFacts>({
  kind: "action",
  name: "command",
  aliases: ["ansible.builtin.command"],
  summary: "Runs a command without a shell.",
  schema,
  freeForm: "cmd",
  example: `- ansible.builtin.command:
    argv: [haproxy, -c, -f, /etc/haproxy/haproxy.cfg]
    chdir: /etc/haproxy
`,
  rules,
  inspect: guard,
  decide: (params, { unneeded }) =>
    unneeded === null
      ? { kind: "run", needed: isGuarded(params), actions: timed(actionOf(params)) }
      : notRun(unneeded, [...wordsOf(params)]),
  result: (params, outcomes) => reportOf([...wordsOf(params)], outcomes, params.strip_empty_ends),
});

function rules({ cmd, argv }: CommandParams): readonly string[] {
  if (cmd !== null && argv !== null) return ["a command line and argv exclude each other"];
  if (cmd === null && argv === null) return ["no command given"];
  const words = argv ?? splitWords(cmd ?? "");
  if (words === null) return ["the command line has a quote that is not closed"];
  return words.length === 0 || words[0] === "" ? ["no command given"] : [];
}

const wordsOf = ({ cmd, argv }: CommandParams): readonly string[] => argv ?? splitWords(cmd ?? "") ?? [];

const actionOf = (params: CommandParams): Action => {
  const words = wordsOf(params);
  const common = {
    okCodes: "any" as const,
    timeoutMs: null,
    touches: [{ kind: "lasting" as const, what: `the command ${words[0]} was run` }],
    ...stdinOf(params),
    ...(params.chdir === null ? {} : { chdir: params.chdir }),
  };
  return words.some(needsNode)
    ? { kind: "script", script: words.map(expandable).join(" "), ...common }
    : { kind: "run", argv: words, ...common };
};
