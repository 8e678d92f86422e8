import { dict, type Value } from "../../core/value.ts";
import { modeText } from "../shared-probes/file-state.ts";
import type { Found } from "./search.ts";

const typeOf = ({ bits }: Found): number => bits >> 12;

/** Whether it is a regular file. */
export const isFile = (one: Found): boolean => typeOf(one) === 0o10;

/** Whether it is a directory. */
export const isDirectory = (one: Found): boolean => typeOf(one) === 0o04;

/** Whether it is a symbolic link. */
export const isLink = (one: Found): boolean => typeOf(one) === 0o12;

/** One element of `files`, under Ansible's names; `checksum` is null where it was not asked for. */
export const foundValues = (one: Found, checksum: string | null): Value =>
  dict({
    path: one.path,
    mode: modeText(one.bits),
    isdir: isDirectory(one),
    ischr: typeOf(one) === 0o02,
    isblk: typeOf(one) === 0o06,
    isreg: isFile(one),
    isfifo: typeOf(one) === 0o01,
    islnk: isLink(one),
    issock: typeOf(one) === 0o14,
    uid: one.uid,
    gid: one.gid,
    size: one.size,
    inode: one.inode,
    dev: one.device,
    nlink: one.links,
    atime: one.atime,
    mtime: one.mtime,
    ctime: one.ctime,
    gr_name: one.group,
    pw_name: one.owner,
    ...Object.fromEntries(PERMISSIONS.map(([name, bit]) => [name, (one.bits & bit) !== 0])),
    ...(checksum === null ? {} : { checksum }),
  });

const PERMISSIONS = [
  ["wusr", 0o200],
  ["rusr", 0o400],
  ["xusr", 0o100],
  ["wgrp", 0o020],
  ["rgrp", 0o040],
  ["xgrp", 0o010],
  ["woth", 0o002],
  ["roth", 0o004],
  ["xoth", 0o001],
  ["isuid", 0o4000],
  ["isgid", 0o2000],
] as const;
