import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { parseVersion, type Version } from "../../lb/version.ts";
import { labelled } from "./label.ts";

/** A daemon's program on a node, or why there is none that can be used. */
export type Daemon =
  | { readonly kind: "installed"; readonly program: string; readonly version: Version }
  | { readonly kind: "missing"; readonly reason: string };

/** Where a daemon's program is and which version it says it is. Logins of ordinary users lack sbin in their path. */
export const daemonVersion = (name: string, option: string): Probe<Daemon> =>
  read(
    labelled(`version of ${name}`, [
      "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin",
      `command -v ${name} || exit 3`,
      `${name} ${option} 2>&1`,
    ]),
    (answer) => parseDaemon(name, answer),
  );

const parseDaemon = (name: string, { code, stdout }: ReadResult): Daemon => {
  if (code === 3) return { kind: "missing", reason: `${name} is not installed` };
  const [program = "", ...said] = stdout.toString("utf8").split("\n");
  const version = parseVersion(said.join("\n"));
  return version === null
    ? { kind: "missing", reason: `${program} does not tell its version (exit code ${code})` }
    : { kind: "installed", program, version };
};
