import { type Probe, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { defineState } from "../../core/task.ts";
import { dict, type Value } from "../../core/value.ts";
import { labelled } from "../shared-probes/label.ts";
import { packagesIn } from "./packages.ts";
import { type PackageFactsParams, schema } from "./schema.ts";

/** Packages by name; null where the node has none of the package managers asked for. */
type Packages = ReadonlyMap<Value, Value> | null;

/** Tells which packages a node has. */
export const packageFacts = defineState<PackageFactsParams, Packages, never>({
  kind: "state",
  name: "package_facts",
  aliases: ["ansible.builtin.package_facts", "ansible.legacy.package_facts"],
  summary: "Tells which packages a node has, in which versions, in ansible_facts.packages.",
  schema,
  example: `- ansible.builtin.package_facts:
    manager: auto
`,
  rules: ({ manager }) =>
    ["portage", "pkg", "pkg_info"]
      .filter((name) => manager.includes(name))
      .map((name) => `manager ${name} is not supported: apt, rpm, pacman and apk are`),
  inspect: ({ manager, strategy }): Probe<Packages> =>
    read(script(wanted(manager), strategy), (answer) => packagesIn(answer.stdout.toString("utf8"))),
  diff: ({ manager }, packages) =>
    packages !== null
      ? { kind: "converged" }
      : {
          kind: "blocked",
          reason: `Could not detect a supported package manager from the following list: ${wanted(manager).join(", ")}`,
        },
  view: (change) => change,
  apply: () => [],
  result: (_, packages) => (packages === null ? {} : { ansible_facts: dict({ packages }) }),
});

const MANAGERS = ["apt", "rpm", "pacman", "apk"] as const;

type Manager = (typeof MANAGERS)[number];

/** What `auto` stands for comes after those that are named. */
const wanted = (names: readonly string[]): readonly Manager[] => {
  const named = names.flatMap((name) => MANAGERS.filter((manager) => manager === name));
  return [...new Set([...named, ...(names.includes("auto") ? MANAGERS : [])])];
};

/** A program that is there but manages nothing (rpm on Debian) is passed over. */
const script = (managers: readonly Manager[], strategy: PackageFactsParams["strategy"]): string =>
  labelled(`all packages by ${strategy === "all" ? "" : "the first of "}${managers.join(", ")}`, [
    'ask() { m=$1; shift; command -v "$1" >/dev/null 2>&1 && l=$("$@" 2>/dev/null) && [ -n "$l" ] || return 1',
    'echo "--lbplay $m"; printf \'%s\\n\' "$l"; }',
    ...managers.flatMap((manager) => [
      `if ${ASK[manager]}; then`,
      manager === "apt" ? ORIGINS : ":",
      ...(strategy === "first" ? ["exit 0"] : []),
      "fi",
    ]),
    "exit 0",
  ]);

const ASK: Readonly<Record<Manager, string>> = {
  apt: `ask apt dpkg-query -W -f=${quote("${db:Status-Status} ${Package} ${Architecture} ${Version} ${Section}\\n")}`,
  rpm: `ask rpm rpm -qa --qf ${quote("%{NAME} %{VERSION} %{RELEASE} %{EPOCH} %{ARCH}\\n")}`,
  pacman: "ask pacman pacman -Qi",
  apk: "ask apk apk info -v",
};

/** Which lists each package is in, and whose the lists are. Only the names of packages for other machines have an architecture. */
const ORIGINS = [
  "echo '--lbplay native'; dpkg --print-architecture",
  "if command -v apt-cache >/dev/null 2>&1; then",
  "echo '--lbplay lists'; apt-cache policy 2>/dev/null",
  'echo \'--lbplay versions\'; apt-cache policy $(echo "$l" | awk \'$1 == "installed" { print $2 ":" $3 }\') 2>/dev/null',
  "fi",
].join("\n");
