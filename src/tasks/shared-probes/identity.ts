import { known, map, type Probe, read, text } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";

/** The id of a user, given by name or number; null where the node has no such user. root and numbers need no read. */
export const userId = (name: string): Probe<number | null> =>
  plainId(name) ??
  read(argv("id", "-u", name), (answer) => (answer.code === 0 ? Number(text(answer)) : null));

/** The id of a group, given by name or number; null where the node has no such group. */
export const groupId = (name: string): Probe<number | null> =>
  plainId(name) ?? map(groupLine(name), idInLine);

const plainId = (name: string): Probe<number> | null =>
  name === "root" ? known(0) : /^\d+$/.test(name) ? known(Number(name)) : null;

/** Exit code 2 is getent's "no such key"; everything else means that it is not there to answer. */
const groupLine = (name: string): Probe<string | null> =>
  read(
    `getent group ${quote(name)} || { [ $? -ne 2 ] && grep ${quote(`^${escaped(name)}:`)} /etc/group; }`,
    (answer) => (answer.code === 0 ? text(answer) : null),
  );

const escaped = (name: string): string => name.replace(/[.[\]*^$\\]/g, "\\$&");

const idInLine = (line: string | null): number | null => {
  const id = line?.split(":")[2];
  return id === undefined ? null : Number(id);
};
