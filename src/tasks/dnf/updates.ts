import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";
import { namesOf, repositoryFlags, upgradeFlags } from "./flags.ts";
import type { RpmParams } from "./schema.ts";

/** One available upgrade. */
export interface RpmUpdate {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
}

/** What could be upgraded; null, with a reason, where the repositories could not be asked. */
export interface RpmUpdates {
  readonly list: readonly RpmUpdate[] | null;
  readonly fault: string | null;
}

/** For tasks that upgrade nothing. */
export const NO_UPDATES: RpmUpdates = { list: [], fault: null };

/** `m` becomes the node's package manager. */
export const MANAGER = "for m in dnf yum; do command -v $m >/dev/null 2>&1 && break; done";

/** Makes the node's copy of the metadata old; dnf does it along with its next command. */
export const STALE = 'if [ "$m" = dnf ]; then set -- --refresh; else yum -q clean expire-cache; fi';

/** The upgrades that a task would do. Metadata is fetched anew first where that was asked for. */
export const updatesProbe = (params: RpmParams): Probe<RpmUpdates> =>
  isSelective(params) ? resolvedProbe(params) : offeredProbe(params);

/** With these options what is offered is not always what is taken. */
const isSelective = ({ nobest, skip_broken, security, bugfix }: RpmParams): boolean =>
  nobest || skip_broken || security || bugfix;

/** check-update exits 100 where it lists something. */
const offeredProbe = (params: RpmParams): Probe<RpmUpdates> => {
  const words = ["-q", ...repositoryFlags(params), "check-update", ...namesOf(params)];
  return read(script(params, `rpm updates ${words.slice(1).join(" ")}`, [], words), (answer) =>
    answer.code === 0 || answer.code === 100
      ? { list: parseOffers(answer.stdout.toString("utf8")), fault: null }
      : { list: null, fault: answer.stderr.toString("utf8").trim() },
  );
};

const script = (
  params: RpmParams,
  label: string,
  lines: readonly string[],
  words: readonly string[],
): string =>
  labelled(params.update_cache ? `${label}, fetched anew` : label, [
    MANAGER,
    ...(params.update_cache ? [STALE] : []),
    ...lines,
    `"$m" "$@" ${argv(...words)}`,
  ]);

/** Long names make yum break its lines; what is obsoleted stands below and is no upgrade. */
const parseOffers = (text: string): readonly RpmUpdate[] =>
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

/** Answering no to everything shows what would be done, and does nothing. */
const resolvedProbe = (params: RpmParams): Probe<RpmUpdates> => {
  const words = ["--assumeno", ...upgradeFlags(params), "upgrade", ...namesOf(params)];
  const best = params.nobest || namesOf(params).length === 0 ? [] : ['[ "$m" = yum ] || set -- "$@" --best'];
  return read(script(params, `rpm updates by ${words.join(" ")}`, best, words), parseResolved);
};

const parseResolved = (answer: ReadResult): RpmUpdates => {
  const error = /^Error: ?([\s\S]*)/m.exec(answer.stderr.toString("utf8"))?.[1]?.trim() ?? null;
  if (error !== null && !error.startsWith("No packages marked for")) return { list: null, fault: error };
  const [, rows = ""] = /^(?:Upgrading|Updating):\n((?: .*\n)*)/m.exec(answer.stdout.toString("utf8")) ?? [];
  const list = rows
    .replace(/\n {2,}/g, " ")
    .split("\n")
    .flatMap((row) => {
      const [name = "", architecture, version] = row.trim().split(/\s+/);
      return architecture === undefined || version === undefined ? [] : [{ name, architecture, version }];
    });
  return { list, fault: null };
};
