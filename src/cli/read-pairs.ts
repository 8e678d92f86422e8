import type { Pair, PairNode } from "../lb/pair/pair.ts";
import type { Io } from "./io.ts";
import { pairOfFiles } from "./lint-files.ts";
import type { PairSubject } from "./run-options.ts";

/** The pairs that a command looks at. */
export interface FoundPairs {
  readonly pairs: readonly Pair[];
  /** Nodes that did not answer, with the reason. */
  readonly unreachable: readonly { readonly node: string; readonly message: string }[];
  /** What the user should know of how the pairs were found, a sentence each. */
  readonly notes: readonly string[];
  /** A text without the secrets that are known. */
  readonly redact: (text: string) => string;
}

/** Gets the pairs of a command line for some work: from files, from the nodes, or as playbooks would leave them. */
export const withPairs = async (
  subject: PairSubject,
  io: Io,
  work: (found: FoundPairs) => number | Promise<number>,
): Promise<number> => {
  switch (subject.kind) {
    case "files":
      return work(foundInFiles(subject, io));
    case "live": {
      const { withLivePairs } = await import("./node-pairs.ts");
      return withLivePairs(subject.live, io, work);
    }
    case "playbooks": {
      const { withPlannedPairs } = await import("./planned-pairs.ts");
      return withPlannedPairs(subject, io, work);
    }
  }
};

const foundInFiles = (subject: PairSubject & { readonly kind: "files" }, io: Io): FoundPairs => {
  const pair = pairOfFiles(subject.words, io.cwd, subject.versions);
  return {
    pairs: [pair],
    unreachable: [],
    notes: [...missingNotes(pair.nodes), NO_FACTS],
    redact: (text) => text,
  };
};

const NO_FACTS =
  "Only the files were looked at: what depends on the nodes (addresses, kernel, certificates, versions) is seen by --live.";

const missingNotes = (nodes: readonly PairNode[]): readonly string[] => {
  const lacking = (daemon: "haproxy" | "keepalived"): readonly string[] =>
    nodes.filter((node) => node[daemon] === null).map(({ name }) => name);
  const notes = (["haproxy", "keepalived"] as const).flatMap((daemon) => {
    const names = lacking(daemon);
    return names.length === 0 ? [] : [`No configuration of ${daemon} was given for ${names.join(" and ")}.`];
  });
  return nodes.length === 1
    ? ["One node alone was given: what two nodes have to agree on was not looked at.", ...notes]
    : notes;
};
