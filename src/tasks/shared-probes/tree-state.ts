import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { parseChecksums } from "./checksums.ts";
import { assign, labelled } from "./label.ts";

/** One path below a directory of a node. */
export interface TreeMember {
  /** Absolute. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link" | "other";
  /** Permission bits. */
  readonly bits: number;
  readonly uid: number;
  readonly gid: number;
}

/** A directory's members at any depth, itself first; null where it is no directory. */
export interface TreeState {
  readonly members: readonly TreeMember[];
  /** Why not all of it could be read, or null. */
  readonly fault: string | null;
}

/** Lists everything below a directory. With `follow`, what links lead to comes in the place of the links. */
export const treeState = (path: string, follow: boolean): Probe<TreeState | null> =>
  read(
    labelled(`members of ${path}${follow ? " behind links" : ""}`, [
      assign("p", path),
      '[ -d "$p" ] || exit 3',
      // Names go apart from their figures, so that no name can look like another member's figures.
      `find ${follow ? "-L" : "-H"} "$p" ${follow ? "! -type l " : ""}-exec stat ${follow ? "-L " : ""}-c '%f %u %g' {} + || exit 4`,
      "printf '\\0'",
      `find ${follow ? "-L" : "-H"} "$p" ${follow ? "! -type l " : ""}-print0`,
    ]),
    parseTree,
  );

/** The links below a directory, and only they. */
export const treeLinks = (path: string): Probe<TreeState | null> =>
  read(
    labelled(`links in ${path}`, [
      assign("p", path),
      '[ -d "$p" ] || exit 3',
      `find -H "$p" -type l -exec stat -c '%f %u %g' {} + || exit 4`,
      "printf '\\0'",
      'find -H "$p" -type l -print0',
    ]),
    parseTree,
  );

/** SHA-256 of every file below a directory by absolute path, links followed; null where it is no directory. */
export const treeSums = (path: string): Probe<ReadonlyMap<string, string> | null> =>
  read(
    labelled(`checksums in ${path}`, [
      assign("p", path),
      '[ -d "$p" ] || exit 3',
      'find -L "$p" -type f -exec sha256sum {} +',
    ]),
    (answer) => (answer.code === 3 ? null : parseChecksums(answer.stdout.toString("utf8"), 64)),
  );

const parseTree = (answer: ReadResult): TreeState | null => {
  if (answer.code === 3) return null;
  const end = answer.stdout.indexOf(0);
  const figures = answer.stdout.toString("utf8", 0, Math.max(end, 0)).split("\n").filter(Boolean);
  const paths = answer.stdout
    .toString("utf8", end + 1)
    .split("\0")
    .filter(Boolean);
  if (answer.code !== 0 || figures.length !== paths.length) {
    const reason = answer.stderr.toString("utf8").trim().split("\n")[0];
    return { members: [], fault: reason || "it changed while it was looked at" };
  }
  return { members: paths.map((path, index) => parseMember(path, figures[index] ?? "")), fault: null };
};

const KINDS: ReadonlyMap<number, TreeMember["kind"]> = new Map([
  [0o10, "file"],
  [0o04, "directory"],
  [0o12, "link"],
]);

const parseMember = (path: string, figures: string): TreeMember => {
  const [hex = "", uid, gid] = figures.split(" ");
  const mode = Number.parseInt(hex, 16);
  return {
    path,
    kind: KINDS.get(mode >> 12) ?? "other",
    bits: mode & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
  };
};
