import { createHash } from "node:crypto";
import { map, type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { assign, labelled } from "./label.ts";

/** What a path is on a node. */
export interface FileState {
  /** `unknown`: something may be there, but it could not be looked at; `fault` says why. */
  readonly kind: "file" | "directory" | "link" | "other" | "unknown";
  /** Four octal digits: "0644". */
  readonly mode: string;
  /** `UNKNOWN` where the id has no name. */
  readonly owner: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch, like the other times. */
  readonly mtime: number;
  readonly atime: number;
  readonly ctime: number;
  readonly links: number;
  readonly inode: number;
  readonly device: number;
  /** st_mode with its type bits. */
  readonly bits: number;
  /** What a link says, as it says it; null for everything else. */
  readonly target: string | null;
  /** Lower-case hex; null where it was not asked for or the file is not a readable regular one. */
  readonly sha256: string | null;
  /** null where it was not asked for, is larger than CONTENT_LIMIT, or cannot be read. */
  readonly content: Buffer | null;
  /** Why the path or its content could not be read (`Permission denied`); null where all that was asked is known. */
  readonly fault: string | null;
}

/** Files above this many bytes are never fetched for a look. */
export const CONTENT_LIMIT = 512 * 1024;

/** What to find out beside type, mode and owner. */
export interface FileStateOptions {
  /** The content of a regular file, if it is not larger than CONTENT_LIMIT; gives the checksum too. */
  readonly content?: boolean;
  /** The content only where its SHA-256 is not this one: a file that is right costs no transfer. */
  readonly contentUnless?: string;
  /** The SHA-256 of a regular file. */
  readonly checksum?: boolean;
  /** Look at what a link points to, and give that path. */
  readonly follow?: boolean;
  /** Where the path is a directory, look at the member of this name instead. */
  readonly into?: string;
  /** The path counts from the home of this user; it stays `~user/…` where the node has no such user. */
  readonly home?: string;
}

/** A path that was looked at: where it led, what is there, and whether it could be made there. */
export interface FileAt {
  /** The path itself, or where `follow` and `into` led to. */
  readonly path: string;
  /** null: nothing is there. */
  readonly state: FileState | null;
  /** Whether the directory that holds the path exists. */
  readonly parent: boolean;
}

/** What a path is; null where nothing is there. One read, at most three forks. */
export const fileState = (path: string, options: FileStateOptions = {}): Probe<FileState | null> =>
  map(fileAt(path, options), ({ state }) => state);

/** Like fileState, with the path that was meant and whether its directory exists. */
export const fileAt = (path: string, options: FileStateOptions = {}): Probe<FileAt> => {
  const { home } = options;
  const clean = cleanPath(home === undefined ? path : `~${home}/${path}`);
  return read(fileScript(clean, options), (answer) => parseAnswer(clean, options, answer));
};

/** A path without doubled and trailing slashes. */
export const cleanPath = (path: string): string => path.replace(/\/+/g, "/").replace(/(?<=.)\/$/, "");

/** The directory that holds a path. */
export const parentOf = (path: string): string => cleanPath(path).replace(/\/[^/]*$/, "") || "/";

/** The last part of a path. */
export const baseName = (path: string): string => cleanPath(path).replace(/^.*\//, "");

const FORMAT = "%f %u %g %U %G %s %X %Y %Z %h %i %d";

const fileScript = (path: string, options: FileStateOptions): string => {
  const { follow = false, into, home } = options;
  const moves = hasMoved(options);
  return labelled(labelOf(path, options), [
    home === undefined ? assign("p", path) : `p=~${home}${quote(path.slice(home.length + 1))}`,
    ...(into === undefined ? [] : [`[ ! -d "$p" ] || p=\${p%/}/${quote(into)}`]),
    ...(follow ? ['[ ! -h "$p" ] || p=$(readlink -f "$p")'] : []),
    ...(moves ? [`printf '%s\\0' "$p"`] : []),
    `stat -c '${FORMAT}' "$p" || { [ -d "\${p%/*}/" ] && exit ${ABSENT}; exit ${NO_PARENT}; }`,
    '[ ! -h "$p" ] || exec readlink "$p"',
    ...contentLines(options),
  ]);
};

/** Whether the path that was looked at is another than the one asked for, and comes along. */
const hasMoved = ({ follow, into, home }: FileStateOptions): boolean =>
  follow === true || into !== undefined || home !== undefined;

const ABSENT = 3;
const NO_PARENT = 4;

const labelOf = (
  path: string,
  { content, contentUnless, checksum, follow, into }: FileStateOptions,
): string =>
  [
    content === true || contentUnless !== undefined
      ? "content of"
      : checksum === true
        ? "checksum of"
        : "state of",
    path,
    ...(into === undefined ? [] : [`or ${into} in it`]),
    ...(follow === true ? ["behind links"] : []),
  ].join(" ");

const contentLines = ({ content, contentUnless, checksum }: FileStateOptions): readonly string[] => {
  const whole = `head -c ${CONTENT_LIMIT + 1} < "$p"`;
  if (contentUnless !== undefined) {
    return [
      '[ -f "$p" ] || exit 0',
      'c=$(sha256sum < "$p") || exit',
      'echo "$c"',
      `case $c in ${contentUnless}*) ;; *) ${whole} ;; esac`,
    ];
  }
  return [
    ...(checksum === true ? ['[ ! -f "$p" ] || sha256sum < "$p" || exit'] : []),
    ...(content === true ? [`[ ! -f "$p" ] || ${whole}`] : []),
  ];
};

const parseAnswer = (asked: string, options: FileStateOptions, answer: ReadResult): FileAt => {
  const { path, rest } = splitPath(asked, options, answer.stdout);
  const end = rest.indexOf(0x0a);
  if (end === -1) return { path, state: unseen(answer), parent: answer.code !== NO_PARENT };
  const stat = parseStat(rest.subarray(0, end).toString("utf8"));
  const tail = rest.subarray(end + 1);
  const state =
    stat.kind === "link"
      ? { ...stat, target: tail.toString("utf8").replace(/\n$/, "") }
      : stat.kind === "file"
        ? { ...stat, ...parseContent(options, tail) }
        : stat;
  const fault = answer.code === 0 ? null : faultOf(answer);
  return {
    path,
    state: fault === null ? state : { ...state, sha256: null, content: null, fault },
    parent: true,
  };
};

const splitPath = (
  asked: string,
  options: FileStateOptions,
  stdout: Buffer,
): { path: string; rest: Buffer } => {
  const end = hasMoved(options) ? stdout.indexOf(0) : -1;
  return end === -1
    ? { path: asked, rest: stdout }
    : { path: stdout.subarray(0, end).toString("utf8"), rest: stdout.subarray(end + 1) };
};

const TYPES: ReadonlyMap<number, FileState["kind"]> = new Map([
  [0o10, "file"],
  [0o04, "directory"],
  [0o12, "link"],
]);

const parseStat = (line: string): FileState => {
  const [bits = "", uid, gid, owner = "", group = "", size, atime, mtime, ctime, links, inode, device] =
    line.split(" ");
  const mode = Number.parseInt(bits, 16);
  return {
    kind: TYPES.get(mode >> 12) ?? "other",
    mode: modeText(mode),
    owner,
    group,
    uid: Number(uid),
    gid: Number(gid),
    size: Number(size),
    atime: Number(atime),
    mtime: Number(mtime),
    ctime: Number(ctime),
    links: Number(links),
    inode: Number(inode),
    device: Number(device),
    bits: mode,
    target: null,
    sha256: null,
    content: null,
    fault: null,
  };
};

/** Permission bits as four octal digits. */
export const modeText = (bits: number): string => (bits & 0o7777).toString(8).padStart(4, "0");

const parseContent = (
  { content, contentUnless, checksum }: FileStateOptions,
  tail: Buffer,
): Pick<FileState, "sha256" | "content"> => {
  const hasSum = checksum === true || contentUnless !== undefined;
  const printed = hasSum ? tail.subarray(0, 64).toString("latin1") : null;
  const after = hasSum ? tail.subarray(tail.indexOf(0x0a) + 1) : tail;
  const sent = content === true || (contentUnless !== undefined && printed !== contentUnless);
  const whole = sent && after.length <= CONTENT_LIMIT ? after : null;
  return { content: whole, sha256: printed ?? (whole === null ? null : sha256(whole)) };
};

/** SHA-256 as lower-case hex. */
export const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

/** No output at all: absent, unless the message says that it could not be looked at. */
const unseen = (answer: ReadResult): FileState | null => {
  const fault = faultOf(answer);
  if (/No such file or directory|Not a directory/.test(fault)) return null;
  return { ...parseStat("0 -1 -1 UNKNOWN UNKNOWN 0 0 0 0 0 0 0"), kind: "unknown", fault };
};

/** The reason in a tool's message, without the tool's name and the path. */
const faultOf = (answer: ReadResult): string => {
  const lines = answer.stderr.toString("utf8").trim().split("\n");
  return lines[0]?.replace(/^.*: (?=[A-Z])/, "") || `exit code ${answer.code}`;
};
