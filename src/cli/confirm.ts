import { LbplayError } from "../core/error.ts";
import type { Io } from "./io.ts";
import { Interrupted } from "./terminal.ts";

/** Asks before something moves, unless `--yes` was given. Throws where the answer is no, or nobody can give one. */
export const confirm = async (
  question: string,
  { yes }: { readonly yes: boolean },
  io: Io,
): Promise<void> => {
  if (yes) return;
  const answer = await io.ask({ text: `${question} [y/N] `, secret: false }).catch((error: unknown) => {
    if (!(error instanceof LbplayError) || error.code !== "E_NO_TERMINAL") throw error;
    throw new LbplayError({
      code: error.code,
      message: error.message,
      hint: "give --yes where nobody can answer",
    });
  });
  if (!/^y(es)?$/i.test(answer.trim())) throw new Interrupted("the answer was no");
};
