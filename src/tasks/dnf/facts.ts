import { all, known, type Probe, read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";
import {
  type PackageManager,
  packageManager,
  type RpmPackages,
  rpmPackages,
} from "../shared-probes/package-state.ts";
import { namesOf, repositoryFlags, stateOf } from "./flags.ts";
import type { RpmParams } from "./schema.ts";
import { MANAGER, NO_UPDATES, type RpmUpdates, STALE, updatesProbe } from "./updates.ts";

/** What dnf and yum have to know of a node. */
export interface RpmFacts {
  /** null where there is none of the two. */
  readonly manager: PackageManager | null;
  /** null where there is no rpm. */
  readonly packages: RpmPackages | null;
  readonly updates: RpmUpdates;
  /** Packages that are needed no more. */
  readonly removable: readonly string[];
  /** Why metadata could not be fetched; null where it could, or where nothing else but that was asked for. */
  readonly metadataFault: string | null;
}

/** Everything a task needs to know. */
export const probe = (params: RpmParams): Probe<RpmFacts> => {
  const names = namesOf(params);
  return all<RpmFacts>({
    manager: packageManager(["dnf", "yum"]),
    packages: names.length === 0 ? known<RpmPackages | null>(new Map()) : rpmPackages(names),
    updates: stateOf(params) === "latest" ? updatesProbe(params) : known(NO_UPDATES),
    removable: params.autoremove && names.length === 0 ? removableProbe : known([]),
    metadataFault: onlyRefreshes(params) ? metadataProbe(params) : known(null),
  });
};

/** Ansible calls metadata that was fetched no change, and fetches it in check mode too: it is a read. */
const onlyRefreshes = ({ name, update_cache, autoremove }: RpmParams): boolean =>
  name === null && update_cache && !autoremove;

const metadataProbe = (params: RpmParams): Probe<string | null> => {
  const words = ["-q", ...repositoryFlags(params), "makecache"];
  return read(
    labelled(`rpm metadata by ${words.join(" ")}, fetched anew`, [
      MANAGER,
      STALE,
      `"$m" "$@" ${argv(...words)}`,
    ]),
    (answer) =>
      answer.code === 0 ? null : answer.stderr.toString("utf8").trim() || `exit code ${answer.code}`,
  );
};

/** Answering no to everything lists what would go and removes nothing. */
const removableProbe: Probe<readonly string[]> = read(
  labelled("rpm packages that are needed no more", [MANAGER, '"$m" -C --assumeno autoremove', "exit 0"]),
  (answer) => {
    const part = /^Removing:\n([\s\S]*?)\n(?:\n|Transaction Summary)/m.exec(answer.stdout.toString("utf8"));
    return (part?.[1] ?? "").split("\n").flatMap((line) => /^ (\S+) /.exec(line)?.[1] ?? []);
  },
);
