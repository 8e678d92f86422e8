import { all, known, type Probe, read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";
import {
  type PackageManager,
  packageManager,
  type RpmPackages,
  rpmPackages,
} from "../shared-probes/package-state.ts";
import type { RpmParams } from "./schema.ts";

/** What dnf and yum have to know of a node. */
export interface RpmFacts {
  /** null where there is none of the two. */
  readonly manager: PackageManager | null;
  /** null where there is no rpm. */
  readonly packages: RpmPackages | null;
  /** What could be upgraded; null where the repositories could not be asked. */
  readonly updates: readonly RpmUpdate[] | null;
  readonly updatesFault: string | null;
  /** Packages that are needed no more. */
  readonly removable: readonly string[];
}

/** One available upgrade. */
export interface RpmUpdate {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
}

/** Everything a task needs to know. */
export const probe = (params: RpmParams): Probe<RpmFacts> => {
  const names = namesOf(params);
  const { manager, packages, updates, removable } = {
    manager: packageManager(["dnf", "yum"]),
    packages: names.length === 0 ? known<RpmPackages | null>(new Map()) : rpmPackages(names),
    updates: stateOf(params) === "latest" ? updatesProbe(params) : known(NO_UPDATES),
    removable: params.autoremove && names.length === 0 ? removableProbe : known([]),
  };
  const together = all<{
    manager: PackageManager | null;
    packages: RpmPackages | null;
    updates: Updates;
    removable: readonly string[];
  }>({ manager, packages, updates, removable });
  return {
    reads: together.reads,
    parse: (answers) => {
      const { updates: found, ...rest } = together.parse(answers);
      return { ...rest, updates: found.list, updatesFault: found.fault };
    },
  };
};

interface Updates {
  readonly list: readonly RpmUpdate[] | null;
  readonly fault: string | null;
}

const NO_UPDATES: Updates = { list: [], fault: null };

/** The state that is meant: `autoremove` alone asks for removal. */
export const stateOf = ({ state, autoremove }: RpmParams): "present" | "latest" | "absent" => {
  if (state === null) return autoremove ? "absent" : "present";
  return state === "installed" ? "present" : state === "removed" ? "absent" : state;
};

/** The packages of a task; `*` is none of them. */
export const namesOf = ({ name }: RpmParams): readonly string[] =>
  (name ?? []).map((item) => item.trim()).filter((item) => item !== "*" && item !== "");

/** The options that decide which repositories are asked, and how. */
export const repositoryFlags = (params: RpmParams): readonly string[] => [
  ...params.disablerepo.map((repository) => `--disablerepo=${repository}`),
  ...params.enablerepo.map((repository) => `--enablerepo=${repository}`),
  ...params.exclude.map((item) => `--exclude=${item}`),
  ...(params.releasever === null ? [] : [`--releasever=${params.releasever}`]),
  ...(params.conf_file === null ? [] : ["-c", params.conf_file]),
  ...(params.validate_certs ? [] : ["--setopt=sslverify=0"]),
];

/** check-update exits 100 where it lists something. */
const updatesProbe = (params: RpmParams): Probe<Updates> => {
  const names = namesOf(params);
  const kinds = [...(params.security ? ["--security"] : []), ...(params.bugfix ? ["--bugfix"] : [])];
  const words = ["-q", ...repositoryFlags(params), ...kinds, "check-update", ...names];
  return read(
    labelled(`rpm updates ${words.slice(1).join(" ")}`, [
      "for m in dnf yum; do command -v $m >/dev/null 2>&1 && break; done",
      `"$m" ${argv(...words)}`,
    ]),
    (answer) =>
      answer.code === 0 || answer.code === 100
        ? { list: parseUpdates(answer.stdout.toString("utf8")), fault: null }
        : { list: null, fault: answer.stderr.toString("utf8").trim() },
  );
};

/** Long names make yum break its lines; what is obsoleted stands below and is no upgrade. */
const parseUpdates = (text: string): readonly RpmUpdate[] =>
  text
    .replace(/^Obsoleting Packages[\s\S]*/m, "")
    .replace(/\n[ \t]+/g, " ")
    .split("\n")
    .flatMap((line) => {
      const [, name, architecture, version] = /^(\S+)\.(\S+)\s+(\S+)\s+\S+\s*$/.exec(line) ?? [];
      return name === undefined || architecture === undefined || version === undefined
        ? []
        : [{ name, architecture, version }];
    });

/** Answering no to everything lists what would go and removes nothing. */
const removableProbe: Probe<readonly string[]> = read(
  labelled("rpm packages that are needed no more", [
    "for m in dnf yum; do command -v $m >/dev/null 2>&1 && break; done",
    '"$m" -C --assumeno autoremove',
    "exit 0",
  ]),
  (answer) => {
    const part = /^Removing:\n([\s\S]*?)\n(?:\n|Transaction Summary)/m.exec(answer.stdout.toString("utf8"));
    return (part?.[1] ?? "").split("\n").flatMap((line) => /^ (\S+) /.exec(line)?.[1] ?? []);
  },
);
