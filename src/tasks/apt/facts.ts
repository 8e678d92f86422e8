import { all, known, type Probe, read, text } from "../../core/probe.ts";
import { argv, quote } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";
import { type DebianPackages, debianPackages } from "../shared-probes/package-state.ts";
import { isPattern, parseSpec } from "./package-spec.ts";
import type { AptParams } from "./schema.ts";

/** What apt has to know of a node. */
export interface AptFacts {
  /** null where the node has no dpkg. */
  readonly packages: DebianPackages | null;
  readonly lists: ListsAge | null;
  /** What apt-get would upgrade; empty where that was not asked for. */
  readonly upgradable: readonly PendingUpgrade[];
  /** Packages that apt-get would remove as needed no more. */
  readonly removable: readonly string[];
  /** Cached .deb files. */
  readonly archives: number;
  readonly deb: DebFacts | null;
}

/** When the package lists were fetched: seconds since the epoch by the node's clock. */
export interface ListsAge {
  readonly now: number;
  /** null where there are none. */
  readonly fetched: number | null;
}

/** One line of an upgrade. */
export interface PendingUpgrade {
  readonly name: string;
  readonly from: string | null;
  readonly to: string;
}

/** A .deb file on the node and what is installed under its name; null where there is no such file. */
export interface DebFacts {
  readonly file: { readonly name: string; readonly version: string } | null;
  readonly installed: string | null;
}

/** Everything a task needs to know. */
export const probe = (params: AptParams): Probe<AptFacts> => {
  const names = namesOf(params);
  const cleansUp = names.length === 0;
  return all<AptFacts>({
    packages: packagesProbe(params, names),
    lists: asksForRefresh(params) ? listsAge : known(null),
    upgradable: upgradeOf(params) === null ? known([]) : pendingUpgrades(params),
    removable: params.autoremove && cleansUp ? removable : known([]),
    archives: params.clean || (params.autoclean && cleansUp) ? archives(params.clean) : known(0),
    deb: params.deb === null ? known(null) : debFacts(params.deb),
  });
};

/** Whether the task wants its lists fresh. */
export const asksForRefresh = ({ update_cache, cache_valid_time }: AptParams): boolean =>
  update_cache === true || cache_valid_time > 0;

/** The packages of a task; `*` is none of them. */
export const namesOf = ({ name }: AptParams): readonly string[] =>
  (name ?? []).map((item) => item.trim()).filter((item) => item !== "*" && item !== "");

/** apt-get's operation for the whole system, or null. */
export const upgradeOf = ({ upgrade, name, state }: AptParams): readonly string[] | null => {
  if (upgrade === "dist" || upgrade === "full") return ["dist-upgrade"];
  if (upgrade !== "no" || (state === "latest" && name?.includes("*") === true))
    return ["upgrade", "--with-new-pkgs"];
  return null;
};

const packagesProbe = (
  { state, default_release }: AptParams,
  specs: readonly string[],
): Probe<DebianPackages | null> => {
  if (specs.length === 0) return known({ packages: [], provided: new Map(), offers: null, lists: true });
  const parsed = specs.map(parseSpec);
  const pinned = parsed.some(({ operator }) => operator !== null);
  const offers =
    state === "absent" ? "never" : state === "latest" || pinned ? ("always" as const) : ("missing" as const);
  return debianPackages(
    parsed.map(({ name }) => name).filter((name) => state === "absent" || !isPattern(name)),
    { offers, release: state === "absent" ? null : default_release },
  );
};

/** Without any list the directory's time says nothing. */
const listsAge: Probe<ListsAge> = read(
  labelled("age of the package lists", [
    "date +%s",
    "set -- /var/lib/apt/lists/*_Packages*",
    '[ -e "$1" ] || exit 0',
    "stat -c %Y /var/lib/apt/lists /var/lib/apt/periodic/update-success-stamp 2>/dev/null",
    "exit 0",
  ]),
  (answer) => {
    const [now = 0, ...times] = text(answer).split("\n").map(Number);
    return { now, fetched: times.length === 0 ? null : Math.max(...times) };
  },
);

const pendingUpgrades = (params: AptParams): Probe<readonly PendingUpgrade[]> => {
  const release = params.default_release === null ? [] : ["-t", params.default_release];
  const words = [...release, ...(upgradeOf(params) ?? [])];
  return read(simulated(words), (answer) =>
    answer.stdout
      .toString("utf8")
      .split("\n")
      .flatMap((line) => {
        const [, name, from, to] = /^Inst (\S+) (?:\[([^\]]*)\] )?\((\S+)/.exec(line) ?? [];
        return name === undefined || to === undefined ? [] : [{ name, from: from ?? null, to }];
      }),
  );
};

const removable: Probe<readonly string[]> = read(simulated(["autoremove"]), (answer) =>
  answer.stdout
    .toString("utf8")
    .split("\n")
    .flatMap((line) => /^(?:Remv|Purg) (\S+)/.exec(line)?.[1] ?? []),
);

/** A simulation takes no lock and needs no right. */
function simulated(words: readonly string[]): string {
  return argv("apt-get", "-s", "-q", "-o", "Debug::NoLocking=1", ...words);
}

/** For autoclean only the files that it would delete count. */
const archives = (every: boolean): Probe<number> =>
  every
    ? read(
        labelled("cached .deb files", [
          "set -- /var/cache/apt/archives/*.deb",
          'if [ -e "$1" ]; then echo $#; else echo 0; fi',
        ]),
        (answer) => Number(text(answer)),
      )
    : read(
        simulated(["autoclean"]),
        (answer) => answer.stdout.toString("utf8").match(/^Del /gm)?.length ?? 0,
      );

const debFacts = (path: string): Probe<DebFacts> =>
  read(
    labelled(`deb file ${path}`, [
      `[ -f ${quote(path)} ] || exit 3`,
      `p=$(dpkg-deb -f ${quote(path)} Package) || exit`,
      `dpkg-deb -f ${quote(path)} Version`,
      'echo "$p"',
      "dpkg-query -W -f='${db:Status-Status} ${Version}\\n' -- \"$p\" 2>/dev/null",
      "exit 0",
    ]),
    (answer) => {
      if (answer.code !== 0) return { file: null, installed: null };
      const [version = "", name = "", installed = ""] = text(answer).split("\n");
      return {
        file: { name, version },
        installed: installed.startsWith("installed ") ? installed.slice("installed ".length) : null,
      };
    },
  );
