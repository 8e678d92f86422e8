import { LbplayError } from "../core/error.ts";
import type { Play, VarsPrompt } from "../core/play.ts";
import type { Source, SourceDict, Value } from "../core/value.ts";
import { variablesOf } from "./play-parts.ts";
import type { RunContext } from "./run-context.ts";
import type { RunState } from "./run-state.ts";
import { createScope, NO_SURROUNDINGS } from "./variables.ts";

/** The answers to `vars_prompt`, as far as extra variables do not give them. Throws LbplayError. */
export const askPrompts = async (play: Play, state: RunState): Promise<SourceDict> => {
  const { context } = state;
  const answers = new Map<Value, Source>();
  for (const question of play.varsPrompt) {
    if (context.settings.extraVars.has(question.name)) continue;
    const answer = await agreed(question, context);
    if (question.private) context.redactor.add(answer);
    answers.set(question.name, question.encrypt === null ? answer : hashed(answer, question, play, state));
  }
  return answers;
};

/** How often two answers may differ. */
const MOST_TRIES = 3;

const agreed = async (question: VarsPrompt, { prompt }: RunContext): Promise<string> => {
  for (let tries = 1; ; tries += 1) {
    const answer = await prompt(question);
    if (!question.confirm) return answer;
    if (answer === (await prompt({ ...question, prompt: `confirm ${question.prompt}` }))) return answer;
    if (tries === MOST_TRIES)
      throw new LbplayError({
        code: "E_PROMPT",
        message: `vars_prompt: the two answers for ${question.name} differ`,
        at: question.at,
        hint: `give it with -e @FILE, where FILE says ${question.name}`,
      });
  }
};

/** The answer as a hash, as the filter password_hash makes it. */
const hashed = (
  answer: string,
  { encrypt, salt, saltSize, at }: VarsPrompt,
  play: Play,
  state: RunState,
): Value => {
  const bare = variablesOf({ play, name: play.name ?? "", prompted: new Map() }, [], [], state);
  const scope = createScope(bare, {
    ...NO_SURROUNDINGS,
    host: "",
    role: null,
    at: play.at,
    keywords: { vars: [] },
    local: new Map<string, Value>([
      ["answer", answer],
      ["scheme", (encrypt ?? "").replace(/_crypt$/, "")],
      ["salt", salt],
      ["size", saltSize],
    ]),
    speculative: false,
  });
  const source = "answer | password_hash(scheme, salt, size)";
  return state.templar.evaluate({ source, at }, scope);
};
