import { read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { dict } from "../../core/value.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { labelled } from "../shared-probes/label.ts";
import { type DebconfParams, schema } from "./schema.ts";

/** Answers by question. */
type Answers =
  | { readonly kind: "answers"; readonly answers: ReadonlyMap<string, string> }
  | { readonly kind: "fault"; readonly reason: string };

/** Answers a question of a Debian package before it is asked. */
export const debconf = defineState<DebconfParams, Answers, PlannedChange>({
  kind: "state",
  name: "debconf",
  aliases: ["ansible.builtin.debconf", "ansible.legacy.debconf"],
  summary: "Answers a question of a Debian package before it is asked, or tells the answers that are there.",
  schema,
  example: `- ansible.builtin.debconf:
    name: postfix
    question: postfix/main_mailer_type
    vtype: select
    value: Satellite system
`,
  rules: ({ question, vtype, value }) => {
    const given = [question, vtype, value].filter((one) => one !== null).length;
    return [
      ...(given === 0 || given === 3 ? [] : ["question, vtype and value go together"]),
      ...(value?.includes("\n") === true ? ["value is one line"] : []),
    ];
  },
  inspect: ({ name }) =>
    read(
      labelled(`debconf answers of ${name}`, [
        "PATH=$PATH:/usr/sbin",
        "command -v debconf-show >/dev/null 2>&1 || exit 127",
        argv("debconf-show", name),
      ]),
      ({ code, stdout, stderr }) => {
        if (code === 127) return { kind: "fault", reason: "there is no debconf-show (package debconf)" };
        if (code !== 0) return { kind: "fault", reason: stderr.toString("utf8").trim() };
        return { kind: "answers", answers: answersIn(stdout.toString("utf8")) };
      },
    ),
  diff,
  view: viewOf,
  apply: actionsOf,
  was: (params, facts) => (facts.kind === "fault" ? {} : answersSeen(params, facts.answers)),
});

/** All answers where nothing is to be done; else the answer that is set, and what was there before. */
const answersSeen = (params: DebconfParams, answers: ReadonlyMap<string, string>) => {
  const { question, vtype } = params;
  if (question === null || isAnswered(params, answers)) return { current: dict(Object.fromEntries(answers)) };
  const before = answers.get(question);
  return {
    current: dict({ [question]: vtype === "password" ? "(password omitted)" : wanted(params) }),
    previous: dict(
      before === undefined ? { ...Object.fromEntries(answers), [question]: "" } : { [question]: before },
    ),
  };
};

/** `* postfix/mailname: lb1.example.com`: the star says that it was asked. */
const answersIn = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split("\n").flatMap((line) => {
      const [, question, answer = ""] = /^[* ]*([^:\s]+):(.*)$/.exec(line) ?? [];
      return question === undefined ? [] : [[question, answer.trim()] as const];
    }),
  );

const wanted = ({ vtype, value }: DebconfParams): string =>
  vtype === "boolean" ? (value ?? "").toLowerCase() : (value ?? "");

const isAnswered = (params: DebconfParams, answers: ReadonlyMap<string, string>): boolean => {
  const before = params.question === null ? undefined : answers.get(params.question);
  return (params.vtype === "boolean" ? before?.toLowerCase() : before) === wanted(params);
};

function diff(params: DebconfParams, facts: Answers): Plan<PlannedChange> {
  const { name, question, vtype, unseen } = params;
  if (facts.kind === "fault") return { kind: "blocked", reason: facts.reason };
  if (question === null || vtype === null) return { kind: "converged" };
  if (isAnswered(params, facts.answers)) return { kind: "converged" };
  const before = facts.answers.get(question) ?? null;
  const after = wanted(params);
  const hidden = vtype === "password";
  return planOf([
    {
      // debconf-show hides passwords, so that reading again cannot show that one was set.
      view: {
        field: `answer to ${question} of ${name}`,
        before,
        after,
        ...(hidden ? { secret: true, event: true } : {}),
      },
      actions: [
        {
          kind: "run",
          argv: ["debconf-set-selections", ...(unseen ? ["-u"] : [])],
          stdin: Buffer.from(`${name} ${question} ${vtype} ${after}\n`),
          touches: [{ kind: "lasting", what: `the answer to ${question} of ${name} was set` }],
        },
      ],
    },
  ]);
}
