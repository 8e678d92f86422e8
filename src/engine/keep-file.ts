import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LbplayError } from "../core/error.ts";
import type { KeptFile } from "../core/task.ts";

/**
 * Writes a file of the controller as a whole: aside first, then renamed. Its directory is made; a file that is there
 * keeps its mode. Throws LbplayError E_KEEP.
 */
export const keepFile = ({ path, content, mode }: KeptFile): void => {
  let aside: string | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    aside = mkdtempSync(join(dirname(path), ".lbplay-"));
    const temporary = join(aside, "file");
    const present = statSync(path, { throwIfNoEntry: false });
    writeFileSync(temporary, content, { mode });
    if (present !== undefined) chmodSync(temporary, present.mode & 0o7777);
    renameSync(temporary, path);
  } catch (error) {
    throw new LbplayError({
      code: "E_KEEP",
      message: `${path} cannot be written on this machine: ${error instanceof Error ? error.message : String(error)}`,
    });
  } finally {
    if (aside !== null) rmSync(aside, { recursive: true, force: true });
  }
};
