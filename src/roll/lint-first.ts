import { LbplayError, LbplayErrors, placeText } from "../core/error.ts";
import { TransportError } from "../core/transport.ts";
import { haproxyConfig } from "../lb/haproxy/read-config.ts";
import { keepalivedConfig } from "../lb/keepalived/read-config.ts";
import { type LintFinding, lintPair } from "../lb/lint/lint.ts";
import { rules } from "../lb/lint/registry.ts";
import { stateOf } from "../lb/live/node.ts";
import type { NodeFacts } from "../lb/pair/facts.ts";
import { factsProbe } from "../lb/pair/facts-probe.ts";
import type { PairNode } from "../lb/pair/pair.ts";
import { plannedFacts } from "../lb/pair/planned.ts";
import { parseVersion } from "../lb/version.ts";
import type { Roll } from "./parts.ts";
import { filesOf } from "./survey.ts";

/**
 * Holds the pair as the run would leave it against the rules of lint, before anything is changed. Throws LbplayErrors
 * where there are errors; in check mode they are only told.
 */
export const lintFirst = async (roll: Roll): Promise<void> => {
  const { job, pair, world, settings } = roll;
  const tell = (status: "ok" | "warning" | "failed", message: string): void =>
    job.report({ group: pair.name, host: null, step: "lint", status, message, data: null });
  if (settings.noLint !== null) return tell("warning", `is left out: ${settings.noLint}`);
  const nodes = heldOnce(await Promise.all(pair.hosts.map((host) => nodeAfter(roll, host))), roll);
  const subject = { name: pair.name, nodes, settings: pair.settings };
  const { findings } = lintPair(subject, rules, world.now());
  const errors = findings.filter(({ severity }) => severity === "error");
  const warnings = findings.filter(({ severity }) => severity === "warning");
  if (errors.length === 0) {
    const more = warnings.length === 0 ? "" : `; warnings of ${idsOf(warnings)}, which lbplay lint explains`;
    return tell("ok", `the pair as it would be has no errors${more}`);
  }
  if (job.mode === "check") return tell("failed", errors.map(textOf).join("\n"));
  throw new LbplayErrors(
    errors.map(
      (finding) =>
        new LbplayError({
          code: "E_LINT",
          message: `${pair.name}: ${textOf(finding)}`,
          hint: `${finding.fix} lbplay lint --explain ${finding.rule.id} says more; lint_off in lbplay_pair turns a rule off, --no-lint REASON all of them for one run`,
        }),
    ),
  );
};

/**
 * A run that died while one node took over from the other leaves a virtual address on both. The roll ends that, and sees
 * to it in the end: the pair as it would be has each on one node.
 */
const heldOnce = (nodes: readonly PairNode[], { addresses }: Roll): readonly PairNode[] => {
  const virtual = new Set([...addresses.before, ...addresses.after]);
  const taken = new Set<string>();
  return nodes.map((node) => {
    const { facts } = node;
    if (facts === null || facts.addresses === null) return node;
    const left = facts.addresses.filter(({ address }) => !(virtual.has(address) && taken.has(address)));
    for (const { address } of left) taken.add(address);
    return { ...node, facts: { ...facts, addresses: left } };
  });
};

const idsOf = (findings: readonly LintFinding[]): string =>
  [...new Set(findings.map(({ rule }) => rule.id))].join(", ");

const textOf = ({ rule, nodes, message, at }: LintFinding): string => {
  const place = placeText(at);
  return `${rule.id}: ${nodes.join(", ")}${place === null ? "" : ` (${place})`}: ${message}`;
};

/** A node as the plan would leave it; what the plan touches besides files is not known of it. */
const nodeAfter = async (roll: Roll, host: string): Promise<PairNode> => {
  const { before, impacts, plans } = roll;
  const live = before.get(host) ?? null;
  const state = live === null ? null : stateOf(live);
  const files = impacts.get(host)?.after ?? filesOf(live);
  const version = parseVersion(state?.haproxy.diskVersion ?? "");
  const node = {
    name: host,
    haproxy: files.haproxy.length === 0 ? null : haproxyConfig(files.haproxy, version),
    keepalived: files.keepalived.length === 0 ? null : keepalivedConfig(files.keepalived, host),
  };
  if (state === null || roll.decision.order === "build") return { ...node, facts: null };
  const facts = await factsOf(roll, host, node);
  const plan = plans.get(host);
  const actions = (plan?.changes ?? [])
    .filter((change) => change.node === host)
    .flatMap((change) => change.actions);
  const unknown = plan?.unknown.some(({ handler }) => !handler) ?? false;
  return { ...node, facts: facts === null ? null : plannedFacts(facts, { actions, unknown }) };
};

const factsOf = async (
  { job, world }: Roll,
  host: string,
  node: Pick<PairNode, "haproxy" | "keepalived">,
): Promise<NodeFacts | null> => {
  try {
    return await job.read(host, factsProbe(node, world.now));
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return null;
  }
};
