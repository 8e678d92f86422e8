import { dict, type Value } from "../../core/value.ts";
import type { FileAt, FileState } from "../shared-probes/file-state.ts";
import type { Details } from "./details.ts";
import type { StatParams } from "./schema.ts";

/** The `stat` mapping of Ansible's module. */
export const statValues = (params: StatParams, { state }: FileAt, details: Details): Value => {
  if (state === null || state.kind === "unknown") return dict({ exists: false });
  return dict({
    exists: true,
    path: params.path,
    ...basicValues(state),
    ...permissionValues(state),
    ...accessValues(details),
    ...linkValues(state, details),
    ...(details.checksum === null ? {} : { checksum: details.checksum }),
    ...(params.get_mime
      ? { mimetype: details.mime?.type ?? "unknown", charset: details.mime?.charset ?? "unknown" }
      : {}),
    ...(params.get_attributes ? flagValues(details) : {}),
  });
};

const basicValues = (state: FileState): Readonly<Record<string, Value>> => ({
  mode: state.mode,
  uid: state.uid,
  gid: state.gid,
  ...(state.owner === "UNKNOWN" ? {} : { pw_name: state.owner }),
  ...(state.group === "UNKNOWN" ? {} : { gr_name: state.group }),
  size: state.size,
  inode: state.inode,
  dev: state.device,
  nlink: state.links,
  atime: state.atime,
  mtime: state.mtime,
  ctime: state.ctime,
});

/** The kinds of st_mode, by their four bits. */
const KIND_KEYS = [
  ["isreg", 0o10],
  ["isdir", 0o04],
  ["islnk", 0o12],
  ["ischr", 0o02],
  ["isblk", 0o06],
  ["isfifo", 0o01],
  ["issock", 0o14],
] as const;

const PERMISSION_KEYS = ["xoth", "woth", "roth", "xgrp", "wgrp", "rgrp", "xusr", "wusr", "rusr"] as const;

const permissionValues = ({ bits }: FileState): Readonly<Record<string, Value>> => ({
  ...Object.fromEntries(KIND_KEYS.map(([key, kind]) => [key, bits >> 12 === kind])),
  ...Object.fromEntries(PERMISSION_KEYS.map((key, index) => [key, (bits & (1 << index)) !== 0])),
  isuid: (bits & 0o4000) !== 0,
  isgid: (bits & 0o2000) !== 0,
});

const accessValues = ({ access }: Details): Readonly<Record<string, Value>> =>
  access === null
    ? {}
    : {
        readable: access.readable,
        writeable: access.writeable,
        executable: access.executable,
        blocks: access.blocks,
        block_size: access.blockSize,
      };

const linkValues = (state: FileState, { access }: Details): Readonly<Record<string, Value>> =>
  state.target === null
    ? {}
    : {
        lnk_target: state.target,
        ...(access === null || access.realPath === null ? {} : { lnk_source: access.realPath }),
      };

/** The names of lsattr's letters. */
const FLAG_NAMES: Readonly<Record<string, string>> = {
  A: "noatime",
  a: "append",
  c: "compressed",
  C: "nocow",
  d: "nodump",
  D: "dirsync",
  e: "extents",
  E: "encrypted",
  h: "blocksize",
  i: "immutable",
  I: "indexed",
  j: "journalled",
  N: "inline",
  s: "zero",
  S: "synchronous",
  t: "notail",
  T: "blockroot",
  u: "undelete",
  X: "compressedraw",
  Z: "compresseddirty",
};

const flagValues = ({ flags }: Details): Readonly<Record<string, Value>> =>
  flags === null
    ? { attributes: [] }
    : {
        attr_flags: flags.letters,
        attributes: [...flags.letters].map((letter) => FLAG_NAMES[letter] ?? letter),
        version: flags.version,
      };
