import { all, map, type Probe, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { frames, named, PUT, textOf } from "../live/frames.ts";
import type { NodeFacts } from "../pair/facts.ts";
import { certificateFacts } from "../pair/facts-certificates.ts";
import { systemFacts } from "../pair/facts-system.ts";
import { factsWanted } from "../pair/facts-wanted.ts";
import type { PairNode } from "../pair/pair.ts";

/** A file of HAProxy's or keepalived's, as it is told apart. */
export interface DriftFile {
  /** Octal, as `ls` and `stat` have it: `0640`. */
  readonly mode: string;
  readonly owner: string;
  /** SHA-256; of a link, where it leads. */
  readonly digest: string;
}

/** What of a node is compared with the other nodes of its pair. */
export interface DriftNode extends Pick<PairNode, "name" | "haproxy" | "keepalived"> {
  readonly facts: Pick<
    NodeFacts,
    "haproxy" | "keepalived" | "os" | "addresses" | "sysctl" | "units" | "hostname" | "certificates"
  >;
  /** By path. */
  readonly files: ReadonlyMap<string, DriftFile>;
}

/** Where HAProxy and keepalived have their files. */
const DIRECTORIES = ["/etc/haproxy", "/etc/keepalived"];

/** Nothing is compared of more files than this. */
const MOST = 2000;

const SCRIPT = `
${PUT}
find ${DIRECTORIES.map(quote).join(" ")} \\( -type f -o -type l \\) 2>/dev/null | sort | head -n ${MOST} | while read -r file; do
  if [ -h "$file" ]; then digest="link to $(readlink "$file")"; else digest=$(sha256sum <"$file" 2>/dev/null); digest=\${digest%% *}; fi
  put "file:$file" 0 "$(stat -c '0%a %U:%G' "$file" 2>/dev/null) $digest"
done
put done 0 ""`;

/** Reads what is compared; changes nothing. */
export const driftProbe = (node: PairNode): Probe<DriftNode> => {
  const wanted = factsWanted(node);
  const files = read(SCRIPT, (answer): ReadonlyMap<string, DriftFile> => {
    const found = frames(answer);
    if (textOf(found, "done") === null) throw new Error(`the files of ${node.name} were not told to the end`);
    return new Map(
      named(found, "file").map(({ name, text }) => {
        const [mode = "", owner = "", ...rest] = text.split(" ");
        return [name, { mode, owner, digest: rest.join(" ") }];
      }),
    );
  });
  return map(
    all({ system: systemFacts(wanted), certificates: certificateFacts(wanted), files }),
    ({ system, certificates, files: found }): DriftNode => ({
      name: node.name,
      haproxy: node.haproxy,
      keepalived: node.keepalived,
      facts: { ...system, ...certificates },
      files: found,
    }),
  );
};
