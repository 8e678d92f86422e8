import { LbplayError } from "../core/error.ts";
import type { ContactReport } from "./node-state.ts";

/** Contents travel beside the script and may hold anything; its words may not. */
export const refuseNul = (script: string): void => {
  if (!script.includes("\0")) return;
  throw new LbplayError({
    code: "E_NUL",
    message:
      "a command, a name or a variable of the environment holds a NUL character, which no node can take",
  });
};

/** A node that another run has, or that cannot be locked, is not for this one. Throws LbplayError. */
export const refuseLocked = (name: string, report: ContactReport): void => {
  if (report.lock.kind === "tool") {
    throw new LbplayError({
      code: "E_LOCKED",
      message: `${name} cannot be locked: it has no flock`,
      hint: "install util-linux on it",
    });
  }
  if (report.lock.kind !== "held") return;
  throw new LbplayError({
    code: "E_LOCKED",
    message: `${name} is in use by another run: ${report.lock.owner} (since ${report.lock.seconds} s)`,
    hint: "wait for it to end; if it hangs, end it with --break-lock",
  });
};
