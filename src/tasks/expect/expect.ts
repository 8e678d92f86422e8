import type { Action, ActionOutcome } from "../../core/action.ts";
import { type ActionReport, defineAction } from "../../core/task.ts";
import { type GuardFacts, guard, isGuarded, notRun } from "../command-run/guard.ts";
import { reportOf, timed } from "../command-run/report.ts";
import { splitWords } from "../command-run/words.ts";
import { type ExpectParams, schema } from "./schema.ts";
import { expectScript, LATE, NO_ANSWER, responsesOf } from "./script.ts";

/** Runs a command and answers its questions. */
export const expect = defineAction<ExpectParams, GuardFacts>({
  kind: "action",
  name: "expect",
  aliases: ["ansible.builtin.expect"],
  summary: "Runs a command and answers its questions, with the node's expect(1).",
  schema,
  example: `- ansible.builtin.expect:
    command: passwd operator
    responses:
      (?i)password: "{{ operator_password }}"
`,
  rules,
  inspect: guard,
  decide: (params, { unneeded }) =>
    unneeded === null
      ? { kind: "run", needed: isGuarded(params), actions: timed(actionOf(params)) }
      : notRun(unneeded, params.command),
  result: report,
});

function rules({ command, responses }: ExpectParams): readonly string[] {
  const all = responsesOf(responses);
  const words = splitWords(command);
  return [
    ...(words === null ? ["the command line has a quote that is not closed"] : []),
    ...(all.length === 0 ? ["responses has no question"] : []),
    ...all
      .filter(({ question }) => /\(\?P|\(\?<[=!]|^\(\?[a-z]+\)/.test(question))
      .map(
        ({ question }) =>
          `${question}: expect(1) knows no named groups, nothing that looks back, and of flags only (?i)`,
      ),
  ];
}

const MISSING =
  "there is no expect (package expect) on the node; a command that takes its answers from standard input needs none: command with stdin";

const actionOf = (params: ExpectParams): Action => ({
  kind: "script",
  script: `command -v expect >/dev/null 2>&1 || { echo '${MISSING}' >&2; exit 127; }\nexec expect -f -`,
  stdin: Buffer.from(expectScript(params)),
  okCodes: "any",
  timeoutMs: null,
  touches: [{ kind: "lasting", what: `the command ${splitWords(params.command)?.[0] ?? ""} was run` }],
  ...(params.chdir === null ? {} : { chdir: params.chdir }),
});

function report({ command }: ExpectParams, outcomes: readonly ActionOutcome[]): ActionReport {
  const ended = reportOf(command, outcomes, true);
  const { rc, stderr } = ended.values;
  if (rc === 127 && stderr === MISSING) return { ...ended, changed: false, msg: MISSING };
  const own = (rc === LATE || rc === NO_ANSWER) && typeof stderr === "string" && stderr !== "";
  return own ? { ...ended, msg: stderr, values: { ...ended.values, rc: null } } : ended;
}
