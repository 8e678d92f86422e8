import { posix } from "node:path";
import type { HostFiles } from "../environment.ts";
import { isSequence, type Obj, PyError, textOf, tuple, Undefined, UndefinedUse } from "../objects.ts";
import { str } from "../python/print.ts";
import { typeOf } from "../python/type.ts";
import { type Definition, define, type FilterTools } from "./define.ts";

const pathOf = (value: Obj): string => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const text = textOf(value);
  if (text === null)
    throw new PyError("TypeError", `expected str, bytes or os.PathLike object, not ${typeOf(value)}`);
  return text;
};

const path = (name: string, body: (path: string) => Obj): Definition =>
  define(name, [], (value) => body(pathOf(value)));

const baseName = (text: string): string => text.slice(text.lastIndexOf("/") + 1);

const directoryName = (text: string): string => {
  const head = text.slice(0, text.lastIndexOf("/") + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, "");
};

/** Dots at the beginning of a name begin no extension. */
const splitExtension = (text: string): Obj => {
  const base = baseName(text);
  const bare = base.replace(/^\.+/, "");
  const dot = bare.lastIndexOf(".");
  if (dot === -1) return tuple([text, ""]);
  const extension = bare.slice(dot);
  return tuple([text.slice(0, text.length - extension.length), extension]);
};

const join = (parts: readonly string[]): string => {
  let joined = "";
  for (const [index, part] of parts.entries()) {
    if (index === 0 || part.startsWith("/")) joined = part;
    else joined += joined === "" || joined.endsWith("/") ? part : `/${part}`;
  }
  return joined;
};

const files = ({ host }: FilterTools): HostFiles => {
  if (host.files === undefined || host.files === null)
    throw new PyError("Refused", "files cannot be looked at from here");
  return host.files;
};

const expandUser = (text: string, tools: FilterTools): string => {
  if (!/^~(?:\/|$)/.test(text)) return text;
  const home = files(tools).home().replace(/\/+$/, "");
  const expanded = home + text.slice(1);
  return expanded === "" ? "/" : expanded;
};

const absolute = (text: string, tools: FilterTools): string =>
  posix
    .normalize(text.startsWith("/") ? text : `${files(tools).workingDirectory()}/${text}`)
    .replace(/(?<=.)\/$/, "");

const relative = (text: string, start: Obj | undefined, tools: FilterTools): string => {
  if (text === "") throw new PyError("ValueError", "no path specified");
  const from = start === undefined || start === null ? "." : str(start);
  const both = text.startsWith("/") && from.startsWith("/");
  const [to, base] = both
    ? [posix.normalize(text), posix.normalize(from)]
    : [absolute(text, tools), absolute(from, tools)];
  const found = posix.relative(base, to);
  return found === "" ? "." : found;
};

/** Ansible's filters on paths of the controller. */
export const pathFilters: readonly Definition[] = [
  path("basename", baseName),
  path("dirname", directoryName),
  path("splitext", splitExtension),
  path("win_basename", (text) =>
    text.slice(Math.max(text.lastIndexOf("\\"), text.lastIndexOf("/"), text.indexOf(":")) + 1),
  ),
  define("path_join", [], (value) => {
    if (textOf(value) !== null) return str(value);
    if (!isSequence(value))
      throw new PyError(
        "FilterError",
        `|path_join expects string or sequence, got ${typeOf(value)} instead.`,
      );
    return join(value.map(pathOf));
  }),
  define("expanduser", [], (value, _, tools) => expandUser(pathOf(value), tools)),
  define("realpath", [], (value, _, tools) => files(tools).realPath(absolute(pathOf(value), tools))),
  define("relpath", ["start"], (value, [start], tools) => relative(pathOf(value), start, tools)),
  define("fileglob", [], (value, _, tools) => [...files(tools).glob(pathOf(value))]),
  define("expandvars", [], () => {
    throw new PyError(
      "Refused",
      "expandvars is not available: use lookup('env', …) for an environment variable",
    );
  }),
];
