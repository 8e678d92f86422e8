import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { LbplayError } from "../core/error.ts";
import { shellWords } from "../core/words.ts";
import type { Io } from "./io.ts";

/**
 * Lets the user change a secret text in an editor: in a file of a directory that nobody else may enter, in memory where
 * there is such a place, overwritten and removed afterwards. `keep` gets the new text; where it throws, the file stays,
 * so that no work is lost, and the error says where. Nothing is kept of a text that is as before.
 */
export const editText = async (
  name: string,
  text: Buffer,
  io: Io,
  keep: (edited: Buffer) => void,
): Promise<void> => {
  const directory = mkdtempSync(join(io.env.XDG_RUNTIME_DIR ?? tmpdir(), "lbplay-edit-"));
  const path = join(directory, basename(name));
  // Ctrl-C is the editor's: what is on disk has to be removed, whoever is interrupted.
  const forget = io.onSignal(() => undefined);
  let safe = true;
  try {
    writeFileSync(path, text, { mode: 0o600 });
    await runEditor(path, io);
    const edited = readFileSync(path);
    if (edited.equals(text)) return;
    safe = false;
    keep(edited);
    safe = true;
  } catch (error) {
    if (safe || !(error instanceof LbplayError)) throw error;
    throw new LbplayError({
      code: error.code,
      message: error.message,
      hint: `what you wrote is in ${path}, not encrypted`,
      cause: error,
    });
  } finally {
    forget();
    if (safe) remove(directory, path);
  }
};

const remove = (directory: string, path: string): void => {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > 0) writeFileSync(path, Buffer.alloc(size));
  rmSync(directory, { recursive: true, force: true });
};

const runEditor = (path: string, { env, cwd }: Io): Promise<void> => {
  const said = [env.VISUAL, env.EDITOR].find((one) => one !== undefined && one !== "") ?? "vi";
  const [program = "vi", ...words] = shellWords(said) ?? [said];
  return new Promise((resolve, reject) => {
    const failed = (how: string, cause: unknown = null): void =>
      reject(
        new LbplayError({
          code: "E_EDITOR",
          message: `the editor ${said} ${how}`,
          hint: "nothing was changed; VISUAL or EDITOR names the editor",
          cause,
        }),
      );
    spawn(program, [...words, path], { cwd, env, stdio: "inherit" })
      .once("error", (error) => failed(`cannot be started: ${error.message}`, error))
      .once("exit", (code) =>
        code === 0 ? resolve() : failed(`ended with exit code ${code ?? "of a signal"}`),
      );
  });
};
