import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { parseChecksums } from "../shared-probes/checksums.ts";
import { cleanPath } from "../shared-probes/file-state.ts";
import { assign, labelled } from "../shared-probes/label.ts";
import { namePrefilter } from "./names.ts";
import type { FindParams } from "./schema.ts";

/** Something below a searched directory; times in seconds since the epoch. */
export interface Found {
  readonly path: string;
  /** st_mode with its type bits. */
  readonly bits: number;
  readonly uid: number;
  readonly gid: number;
  readonly owner: string;
  readonly group: string;
  readonly size: number;
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
  readonly links: number;
  readonly inode: number;
  readonly device: number;
}

/** What a directory holds; `fault` says why it, or a part of it, could not be looked at. */
export interface Searched {
  readonly path: string;
  readonly found: readonly Found[];
  readonly fault: string | null;
}

/** Lists everything below a directory that is not too deep, one level more than asked for: Ansible looks at that, too. */
export const searched = (path: string, params: FindParams): Probe<Searched> => {
  const walk = `find ${params.follow ? "-L" : "-H"} "$p" -mindepth 1${depthWords(params, 1)}`;
  return read(
    labelled(`search of ${labelOf(path, params)}`, [
      assign("p", cleanPath(path)),
      '[ -d "$p" ] || exit 3',
      // Names go apart from their figures, so that no name can look like another member's figures.
      `${walk} -exec stat -c '%f %u %g %U %G %s %X %Y %Z %h %i %d' {} +; c=$?`,
      "printf '\\0'",
      `${walk} -print0`,
      "exit $c",
    ]),
    (answer) => parseSearch(path, answer),
  );
};

/** SHA-1 of the files that may match, by path. */
export const checksums = (path: string, params: FindParams): Probe<ReadonlyMap<string, string>> =>
  read(
    labelled(`SHA-1 in ${labelOf(path, params)}`, [
      assign("p", cleanPath(path)),
      '[ -d "$p" ] || exit 0',
      `${candidates(params)} -exec sha1sum {} +`,
      "exit 0",
    ]),
    ({ stdout }) => parseChecksums(stdout.toString("utf8"), 40),
  );

/** What is sent at most of the files to look through, in bytes. */
const CONTENTS_LIMIT = 8 * 1024 * 1024;

/** The contents of the files that may match, by path; null where they are too many. */
export const contents = (path: string, params: FindParams): Probe<ReadonlyMap<string, Buffer> | null> =>
  read(
    labelled(`contents in ${labelOf(path, params)}`, [
      assign("p", cleanPath(path)),
      '[ -d "$p" ] || exit 0',
      `s=$(${candidates(params)} -exec cat {} + 2>/dev/null | head -c ${CONTENTS_LIMIT + 1} | wc -c)`,
      `[ "$s" -le ${CONTENTS_LIMIT} ] || exit 4`,
      `${candidates(params)} -exec sh -c ${quote(
        'for f; do if [ -r "$f" ]; then printf "%s\\0%d\\0" "$f" "$(wc -c < "$f")"; cat < "$f"; fi; done',
      )} sh {} +`,
      "exit 0",
    ]),
    ({ code, stdout }) => (code === 4 ? null : parseContents(stdout)),
  );

/** Equal reads are asked once, so what makes them differ is in their name. */
const labelOf = (path: string, params: FindParams): string =>
  [
    path,
    ...(params.recurse
      ? [params.depth === null || params.depth === 0 ? "and below" : `to depth ${params.depth}`]
      : []),
    ...(params.follow ? ["behind links"] : []),
    ...(params.hidden ? ["with hidden ones"] : []),
    ...(params.use_regex || params.patterns.length === 0 ? [] : [`for ${params.patterns.join(", ")}`]),
  ].join(" ");

const depthWords = ({ recurse, depth }: FindParams, more: number): string => {
  if (!recurse) return " -maxdepth 1";
  return depth === null || depth === 0 ? "" : ` -maxdepth ${depth + more}`;
};

const candidates = (params: FindParams): string =>
  [
    `find ${params.follow ? "-L" : "-H"} "$p" -mindepth 1${depthWords(params, 0)}`,
    "-type f",
    ...(params.hidden ? [] : ["! -name '.*'"]),
    ...namePrefilter(params),
  ].join(" ");

const parseSearch = (path: string, answer: ReadResult): Searched => {
  if (answer.code === 3) return { path, found: [], fault: `'${path}' is not a directory` };
  const end = answer.stdout.indexOf(0);
  const figures = answer.stdout.toString("utf8", 0, Math.max(end, 0)).split("\n").filter(Boolean);
  const paths = answer.stdout
    .toString("utf8", end + 1)
    .split("\0")
    .filter(Boolean);
  const reason = answer.stderr.toString("utf8").trim().split("\n")[0] ?? "";
  if (figures.length !== paths.length) {
    return { path, found: [], fault: reason || "it changed while it was looked at" };
  }
  return {
    path,
    found: paths.map((one, index) => parseFigures(one, figures[index] ?? "")),
    fault: answer.code === 0 ? null : reason || "it could not be looked at as a whole",
  };
};

const parseFigures = (path: string, line: string): Found => {
  const [bits = "", uid, gid, owner = "", group = "", size, atime, mtime, ctime, links, inode, device] =
    line.split(" ");
  return {
    path,
    bits: Number.parseInt(bits, 16),
    uid: Number(uid),
    gid: Number(gid),
    owner: owner === "UNKNOWN" ? "" : owner,
    group: group === "UNKNOWN" ? "" : group,
    size: Number(size),
    atime: Number(atime),
    mtime: Number(mtime),
    ctime: Number(ctime),
    links: Number(links),
    inode: Number(inode),
    device: Number(device),
  };
};

const parseContents = (stdout: Buffer): ReadonlyMap<string, Buffer> => {
  const found = new Map<string, Buffer>();
  let at = 0;
  for (;;) {
    const name = stdout.indexOf(0, at);
    const size = name === -1 ? -1 : stdout.indexOf(0, name + 1);
    if (size === -1) return found;
    const end = size + 1 + Number(stdout.toString("latin1", name + 1, size));
    found.set(stdout.toString("utf8", at, name), stdout.subarray(size + 1, end));
    at = end;
  }
};
