import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { labelled } from "./label.ts";

/** What dpkg knows of one package. */
export interface DebianPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** `residual`: removed, its configuration files kept; `broken`: unpacked or configured in part. */
  readonly state: "installed" | "residual" | "broken";
}

/** What the package lists offer of one package. */
export interface DebianOffer {
  /** What `apt-get install` would take; null where nothing qualifies, or the name is a virtual package. */
  readonly candidate: string | null;
  /** All known versions, newest first. */
  readonly versions: readonly string[];
}

/** A node's packages, as far as they were asked for. */
export interface DebianPackages {
  readonly packages: readonly DebianPackage[];
  /** Names that an installed package provides, with that package. */
  readonly provided: ReadonlyMap<string, DebianPackage>;
  /** null where the lists were not looked at, because everything was installed. */
  readonly offers: ReadonlyMap<string, DebianOffer> | null;
  /** Whether there are package lists at all (a new image has none). */
  readonly lists: boolean;
}

/** How far to look. */
export interface DebianOptions {
  /** Ask the package lists: `missing` only where something is not installed. */
  readonly offers: "never" | "missing" | "always";
  /** The release to prefer; null for the node's own preferences. */
  readonly release: string | null;
}

/** The state of packages (or of all that match a pattern) on a dpkg node; null where there is no dpkg. One read. */
export const debianPackages = (
  names: readonly string[],
  options: DebianOptions,
): Probe<DebianPackages | null> =>
  read(debianScript(names, options), (answer) => (answer.code === 127 ? null : parseDebian(answer)));

const FIELDS = "${db:Status-Status} ${Package} ${Architecture} ${Version}";

const debianScript = (names: readonly string[], { offers, release }: DebianOptions): string => {
  const preferred = release === null ? [] : ["-t", release];
  return labelled(`packages ${[...names, ...preferred].join(" ")}, offers ${offers}`, [
    "command -v dpkg-query >/dev/null 2>&1 || exit 127",
    `s=$(dpkg-query -W -f='${FIELDS}\\n' -- ${argv(...names)} 2>/dev/null); c=$?`,
    'echo "$s"',
    ...(offers === "never"
      ? []
      : [
          ...(offers === "missing"
            ? ['case "$c $s" in *not-installed*|*config-files*|*half-*|*unpacked*) ;; "0 "*) exit 0 ;; esac']
            : []),
          "echo --provided",
          `dpkg-query -W -f='${FIELDS} ${"${Provides}"}\\n' | grep -Fw ${names.map((name) => `-e ${argv(bareName(name))}`).join(" ")}`,
          "echo --lists",
          "set -- /var/lib/apt/lists/*_Packages*",
          '[ ! -e "$1" ] || echo yes',
          "echo --offers",
          `apt-cache policy ${argv(...preferred, "--", ...names)} 2>/dev/null`,
          "exit 0",
        ]),
  ]);
};

/** The name without an architecture. */
export const bareName = (name: string): string => name.replace(/:.*/, "");

const parseDebian = (answer: ReadResult): DebianPackages => {
  const text = answer.stdout.toString("utf8");
  const [packages = "", provided = "", lists = "", offers = null] = text.split(
    /^--(?:provided|lists|offers)\n/m,
  );
  return {
    packages: packages.split("\n").flatMap((line) => parsePackage(line) ?? []),
    provided: parseProvided(provided),
    offers: offers === null ? null : parseOffers(offers),
    lists: offers === null || lists.includes("yes"),
  };
};

const parsePackage = (line: string): DebianPackage | null => {
  const [status = "", name = "", architecture = "", version = ""] = line.split(" ");
  if (name === "" || status === "not-installed") return null;
  return { name, architecture, version, state: STATES[status] ?? "broken" };
};

const STATES: Readonly<Record<string, DebianPackage["state"]>> = {
  installed: "installed",
  "triggers-awaited": "installed",
  "triggers-pending": "installed",
  "config-files": "residual",
};

const parseProvided = (text: string): ReadonlyMap<string, DebianPackage> => {
  const provided = new Map<string, DebianPackage>();
  for (const line of text.split("\n")) {
    const item = parsePackage(line);
    if (item === null || item.state !== "installed") continue;
    for (const name of line.split(" ").slice(4).join(" ").split(", ")) {
      const bare = name.replace(/[ :].*/, "");
      if (bare !== "") provided.set(bare, item);
    }
  }
  return provided;
};

const parseOffers = (text: string): ReadonlyMap<string, DebianOffer> => {
  const offers = new Map<string, DebianOffer>();
  for (const block of text.split(/^(?=\S)/m)) {
    const name = /^(\S+):\n/.exec(block)?.[1];
    if (name === undefined) continue;
    const candidate = /^ {2}Candidate: (\S+)$/m.exec(block)?.[1] ?? "(none)";
    const versions = [...block.matchAll(/^ (?:\*\*\*| {3}) (\S+)(?: -?\d+)?$/gm)].flatMap(
      ([, version]) => version ?? [],
    );
    offers.set(name, { candidate: candidate === "(none)" ? null : candidate, versions });
  }
  return offers;
};

/** One installed RPM. */
export interface RpmPackage {
  readonly name: string;
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
  readonly architecture: string;
}

/** What an RPM node has under one of the names asked for (a name, name-version, name.arch, path or capability). */
export interface RpmMatch {
  readonly installed: readonly RpmPackage[];
  /** Other versions of the package, where a version was asked for that is not installed. */
  readonly others: readonly RpmPackage[];
}

/** The matches of all names asked for. */
export type RpmPackages = ReadonlyMap<string, RpmMatch>;

/** The installed packages behind names on an RPM node; null where there is no rpm. One read. */
export const rpmPackages = (names: readonly string[]): Probe<RpmPackages | null> =>
  read(rpmScript(names), (answer) => (answer.code === 127 ? null : parseRpm(answer)));

/** A name that is no package may be something that a package provides (`vim`, `/usr/bin/python3`). */
const rpmScript = (names: readonly string[]): string =>
  labelled(`rpm packages ${names.join(" ")}`, [
    "command -v rpm >/dev/null 2>&1 || exit 127",
    "q() { rpm -q --qf '%{NAME} %{EPOCH} %{VERSION} %{RELEASE} %{ARCH}\\n' \"$@\" 2>/dev/null; }",
    // rpm's own patterns are for names alone; dnf's are for all these forms.
    "every() { q -a | while read -r N E V R A; do",
    'for f in "$N" "$N.$A" "$N-$V" "$N-$V-$R" "$N-$V-$R.$A"; do',
    'case $f in $1) echo "$N $E $V $R $A"; break ;; esac; done; done; }',
    'others() { for b in "${1%-*}" "${1%-*-*}"; do [ "$b" = "$1" ] || q "$b" | sed "s/^/other /"; done; }',
    `for n in ${argv(...names)}; do`,
    'echo "--$n"',
    "case $n in",
    '*.rpm) p=$(rpm -qp --nosignature --qf \'%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\' "$n" 2>/dev/null) && q "$p" ;;',
    '*[*?[]*) every "$n" | grep . || others "$n" ;;',
    '*) q "$n" || q --whatprovides "$n" || others "$n" ;;',
    "esac",
    "done",
    "exit 0",
  ]);

const parseRpm = (answer: ReadResult): RpmPackages => {
  const found = new Map<string, RpmMatch>();
  for (const block of answer.stdout.toString("utf8").split(/^--/m).slice(1)) {
    const [name = "", ...lines] = block.split("\n");
    found.set(name, {
      installed: lines.flatMap((line) => parseRpmLine(line) ?? []),
      others: lines.flatMap((line) => (line.startsWith("other ") ? (parseRpmLine(line.slice(6)) ?? []) : [])),
    });
  }
  return found;
};

/** Messages such as "package x is not installed" have other words than five. */
const parseRpmLine = (line: string): RpmPackage | null => {
  const [name, epoch, version, release, architecture, ...rest] = line.split(" ");
  if (name === undefined || epoch === undefined || version === undefined) return null;
  if (release === undefined || architecture === undefined || rest.length > 0) return null;
  if (!/^(\(none\)|\d+)$/.test(epoch)) return null;
  return { name, epoch: epoch === "(none)" ? "0" : epoch, version, release, architecture };
};

/** The program that manages a node's packages. */
export type PackageManager = "apt" | "dnf" | "yum";

/** The first of some package managers that a node has; null where it has none of them. */
export const packageManager = (
  candidates: readonly ["apt-get" | "dnf" | "yum", ...("apt-get" | "dnf" | "yum")[]],
): Probe<PackageManager | null> =>
  read(
    labelled(`which of ${candidates.join(", ")}`, [
      `for m in ${argv(...candidates)}; do`,
      'if command -v "$m" >/dev/null 2>&1; then echo "$m"; exit 0; fi',
      "done",
    ]),
    (answer) => {
      const name = answer.stdout.toString("utf8").trim();
      return name === "apt-get" ? "apt" : name === "dnf" || name === "yum" ? name : null;
    },
  );
