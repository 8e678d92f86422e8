import { all, known, type Probe, type ReadResult, read, text } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";
import { cleanPath } from "../shared-probes/file-state.ts";
import { assign, labelled } from "../shared-probes/label.ts";
import type { StatParams } from "./schema.ts";

/** What stat tells beyond the shared file read; null where it was not asked for or cannot be told. */
export interface Details {
  readonly access: Access | null;
  readonly checksum: string | null;
  readonly mime: { readonly type: string; readonly charset: string } | null;
  readonly flags: { readonly letters: string; readonly version: string } | null;
}

/** What the running user may do, and figures of the file system. */
interface Access {
  readonly readable: boolean;
  readonly writeable: boolean;
  readonly executable: boolean;
  readonly blocks: number;
  readonly blockSize: number;
  /** Where a link leads in the end; null for everything else. */
  readonly realPath: string | null;
}

/** Reads what the parameters ask for. */
export const detailFacts = (params: StatParams): Probe<Details> => {
  const path = cleanPath(params.path);
  return all<Details>({
    access: accessOf(path, params.follow),
    checksum: params.get_checksum ? checksumOf(path, params) : known(null),
    mime: params.get_mime ? mimeOf(path, params.follow) : known(null),
    flags: params.get_attributes ? flagsOf(path) : known(null),
  });
};

const accessOf = (path: string, follow: boolean): Probe<Access | null> =>
  read(
    labelled(`access to ${path}${follow ? " behind links" : ""}`, [
      assign("p", path),
      `stat ${follow ? "-L " : ""}-c '%b %o' "$p" || exit`,
      'for t in r w x; do if test -$t "$p"; then echo 1; else echo 0; fi; done',
      '[ ! -h "$p" ] || readlink -f "$p"',
    ]),
    parseAccess,
  );

const parseAccess = (answer: ReadResult): Access | null => {
  const [figures, readable, writeable, executable, ...rest] = text(answer).split("\n");
  if (executable === undefined) return null;
  const [blocks, blockSize] = figures?.split(" ") ?? [];
  return {
    readable: readable === "1",
    writeable: writeable === "1",
    executable: executable === "1",
    blocks: Number(blocks),
    blockSize: Number(blockSize),
    realPath: rest.length === 0 ? null : rest.join("\n"),
  };
};

/** A link's checksum is that of its target only with follow. */
const checksumOf = (path: string, { follow, checksum_algorithm }: StatParams): Probe<string | null> =>
  read(
    labelled(`${checksum_algorithm} of ${path}${follow ? " behind links" : ""}`, [
      assign("p", path),
      `[ -f "$p" ] ${follow ? "" : '&& [ ! -h "$p" ] '}&& ${checksum_algorithm}sum < "$p"`,
    ]),
    (answer) => (answer.code === 0 ? (text(answer).split(" ")[0] ?? null) : null),
  );

const mimeOf = (path: string, follow: boolean): Probe<Details["mime"]> =>
  read(argv("file", "-b", ...(follow ? ["-L"] : []), "--mime-type", "--mime-encoding", path), (answer) => {
    const found = /^([^;\s]+); charset=(\S+)/.exec(text(answer));
    return answer.code === 0 && found !== null ? { type: found[1] ?? "", charset: found[2] ?? "" } : null;
  });

const flagsOf = (path: string): Probe<Details["flags"]> =>
  read(`lsattr -vd ${quote(path)}`, (answer) => {
    const found = /^\s*(\d+) (\S+) /.exec(text(answer));
    return answer.code === 0 && found !== null
      ? { version: found[1] ?? "", letters: (found[2] ?? "").replaceAll("-", "") }
      : null;
  });
