import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { LbplayError } from "../core/error.ts";
import { GENERATOR } from "../report/html/page.ts";
import { EXIT } from "./exit-code.ts";
import type { Io } from "./io.ts";

/** A file for a report. */
export interface ReportFile {
  /** Puts a page there, whole or not at all; gives back the exit code of what it reports, or 1 where only the page failed. */
  readonly write: (page: string, code: number) => Promise<number>;
}

/**
 * The file that `--report` names, tried out before anything is done: a run for an hour is no time to learn that there is
 * no such directory. Only an earlier report, or an empty file, is replaced. Throws E_REPORT_FILE.
 */
export const openReportFile = async (path: string, io: Pick<Io, "cwd" | "stderr">): Promise<ReportFile> => {
  const target = await targetOf(path, resolve(io.cwd, path));
  const fresh = `${target}.${randomBytes(6).toString("hex")}`;
  await place(fresh, "").then(
    () => rm(fresh),
    (error: NodeJS.ErrnoException) => {
      throw unwritable(path, reasonOf(error));
    },
  );
  return {
    write: async (page, code) => {
      try {
        await place(fresh, page);
        await rename(fresh, target);
        return code;
      } catch (error) {
        await rm(fresh, { force: true });
        io.stderr.write(
          `the report cannot be written to ${path}: ${reasonOf(error as NodeJS.ErrnoException)}\n`,
        );
        return code === EXIT.ok ? EXIT.failed : code;
      }
    },
  };
};

/** What is replaced in the end: behind a link, the file that it leads to. */
const targetOf = async (path: string, absolute: string): Promise<string> => {
  const there = await stat(absolute).catch(() => null);
  if (there === null) return absolute;
  if (!there.isFile())
    throw unwritable(path, there.isDirectory() ? "it is a directory" : "it is no regular file");
  if (there.size > 0 && !(await isReport(absolute)))
    throw unwritable(path, "there is a file which is no report of lbplay's, and it is not overwritten");
  return realpath(absolute);
};

const isReport = async (file: string): Promise<boolean> =>
  readFile(file, "utf8").then(
    (text) => text.slice(0, 1000).includes(GENERATOR),
    () => false,
  );

/** Only its owner reads a report: it says much about the machines. */
const place = async (file: string, text: string): Promise<void> => {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such directory",
  ENOTDIR: "a part of its path is no directory",
  EACCES: "that is not permitted",
  EPERM: "that is not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no room is left on the disk",
  EISDIR: "it is a directory",
};

const reasonOf = (error: NodeJS.ErrnoException): string => REASONS[error.code ?? ""] ?? error.message;

const unwritable = (path: string, reason: string): LbplayError =>
  new LbplayError({
    code: "E_REPORT_FILE",
    message: `the report cannot be written to ${path}: ${reason}`,
    hint: "name a file in a directory that is there, e.g. --report report.html",
  });
