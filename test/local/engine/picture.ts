import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** All that a tree is: kinds, modes, contents and targets by name. */
export const picture = (root: string): Readonly<Record<string, string>> => {
  const all: Record<string, string> = {};
  const visit = (name: string): void => {
    const at = join(root, name);
    const stat = lstatSync(at);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) all[name] = `link to ${readlinkSync(at)}`;
    else if (stat.isDirectory()) {
      all[name] = `directory ${mode}`;
      for (const inner of readdirSync(at).sort()) visit(join(name, inner));
    } else all[name] = `file ${mode} ${readFileSync(at).toString("base64")}`;
  };
  visit(".");
  return all;
};
