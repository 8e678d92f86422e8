import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { parseVersion, type Version } from "../../lb/version.ts";
import { labelled } from "./label.ts";

/** A daemon's program on a node, or why there is none that can be used. */
export type Daemon =
  | { readonly kind: "installed"; readonly program: string; readonly version: Version }
  | { readonly kind: "missing"; readonly reason: string };

/**
 * Where a daemon's program is, by name or path, and which version it says it is. Logins of ordinary users lack sbin in
 * their path.
 */
export const daemonVersion = (wanted: string, option: string): Probe<Daemon> =>
  read(
    labelled(`version of ${wanted}`, [
      "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin",
      `command -v ${quote(wanted)} || exit 3`,
      `${quote(wanted)} ${option} 2>&1`,
    ]),
    (answer) => parseDaemon(wanted, answer),
  );

const parseDaemon = (wanted: string, { code, stdout }: ReadResult): Daemon => {
  if (code === 3)
    return {
      kind: "missing",
      reason: wanted.startsWith("/") ? `there is no program ${wanted}` : `${wanted} is not installed`,
    };
  const [program = "", ...said] = stdout.toString("utf8").split("\n");
  const version = parseVersion(said.join("\n"));
  return version === null
    ? { kind: "missing", reason: `${program} does not tell its version (exit code ${code})` }
    : { kind: "installed", program, version };
};
