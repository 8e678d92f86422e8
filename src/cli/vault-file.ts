import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { LbplayError } from "../core/error.ts";

/** The bytes of a file, and where it really is. Throws LbplayError E_FILE. */
export const readWhole = (path: string): { readonly path: string; readonly bytes: Buffer } => {
  try {
    const real = realpathSync(path);
    return { path: real, bytes: readFileSync(real) };
  } catch (cause) {
    throw fileError("read", path, cause);
  }
};

/** Puts a file in place at once: it keeps the mode and owner that it had, a new one is for its owner only. Throws E_FILE. */
export const writeWhole = (path: string, bytes: Buffer): void => {
  const before = statSync(path, { throwIfNoEntry: false });
  const fresh = join(dirname(path), `.${basename(path)}.lbplay-${randomBytes(6).toString("hex")}`);
  try {
    const handle = openSync(fresh, "wx", 0o600);
    try {
      writeAll(handle, bytes);
      if (before !== undefined) {
        const own = statSync(fresh);
        if (own.uid !== before.uid || own.gid !== before.gid) fchownSync(handle, before.uid, before.gid);
        fchmodSync(handle, before.mode & 0o7777);
      }
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(fresh, path);
  } catch (cause) {
    rmSync(fresh, { force: true });
    throw fileError("write", path, cause);
  }
};

const writeAll = (handle: number, bytes: Buffer): void => {
  for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
};

const fileError = (what: "read" | "write", path: string, cause: unknown): LbplayError => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reason =
    { ENOENT: "there is no such file", EACCES: "permission denied", EISDIR: "it is a directory" }[code] ??
    (cause instanceof Error ? cause.message : String(cause));
  return new LbplayError({
    code: "E_FILE",
    message: `cannot ${what} ${path}: ${reason}`,
    hint: what === "write" ? "it is as it was" : null,
    cause,
  });
};
