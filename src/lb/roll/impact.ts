import { type Action, type Touched, touchedBy, type UnitVerb } from "../../core/action.ts";
import type { SourceText } from "../../core/error.ts";
import type { HostPlan, PlannedChange } from "../../core/roll.ts";
import { keepalivedConfig } from "../keepalived/read-config.ts";
import { plannedFiles } from "../pair/planned.ts";
import { packagesOf } from "./planned-packages.ts";
import { type VrrpChange, vrrpChange } from "./vrrp-change.ts";

/** The configuration files of a node, by daemon. */
export interface NodeFiles {
  readonly haproxy: readonly SourceText[];
  readonly keepalived: readonly SourceText[];
}

/** What a plan does to one node. */
export interface Impact {
  readonly host: string;
  /** Nothing at all would be changed, as far as can be known. */
  readonly changes: boolean;
  readonly haproxy: "none" | "reload" | "restart";
  readonly keepalived: VrrpChange;
  /** Why, in words, for a person who reads the plan. */
  readonly reasons: readonly string[];
  /** What could cut off whoever works on the node: sshd, the firewall, interfaces. */
  readonly cuts: readonly string[];
  /** The files as they would be afterwards. */
  readonly after: NodeFiles;
}

/** What a plan would do to a node whose files are `before`. */
export const impactOf = (host: string, plan: HostPlan, before: NodeFiles): Impact => {
  const own = plan.changes.filter(({ node }) => node === host);
  const after = plannedFiles(
    before,
    own.flatMap(({ actions }) => actions),
  );
  const vrrp = keepalivedImpact(own, before, after);
  const haproxy = haproxyImpact(own);
  return {
    host,
    changes: plan.changes.length > 0 || plan.unknown.length > 0,
    haproxy: haproxy.change,
    keepalived: vrrp.change,
    reasons: [...haproxy.reasons, ...vrrp.reasons],
    cuts: [...new Set(own.flatMap(cutsOf))],
    after,
  };
};

interface Verdict<Change> {
  readonly change: Change;
  readonly reasons: readonly string[];
}

const keepalivedImpact = (
  changes: readonly PlannedChange[],
  before: NodeFiles,
  after: NodeFiles,
): Verdict<VrrpChange> => {
  const file = vrrpChange(keepalivedConfig(before.keepalived), keepalivedConfig(after.keepalived));
  const verbs = verbsOf(changes, "keepalived");
  const program = packagesOf(changes, "keepalived");
  if (file.change === "restart" || file.change === "reinit") return file;
  if (program.length > 0 || verbs.has("restart") || verbs.has("stop")) {
    const why =
      program.length > 0
        ? `another keepalived (${program.map(({ versions }) => versions).join(", ")})`
        : "a task restarts keepalived";
    // A wire change keeps its name: it decides the order, and a restart takes it over as well.
    return file.change === "wire"
      ? { change: "reinit", reasons: [...file.reasons, why] }
      : { change: "restart", reasons: [why] };
  }
  if (file.change !== "none") return file;
  return verbs.has("reload") || verbs.has("start")
    ? { change: "reload", reasons: [] }
    : { change: "none", reasons: [] };
};

const haproxyImpact = (changes: readonly PlannedChange[]): Verdict<Impact["haproxy"]> => {
  const verbs = verbsOf(changes, "haproxy");
  if (verbs.has("restart") || verbs.has("stop"))
    return { change: "restart", reasons: ["a task restarts HAProxy"] };
  const program = packagesOf(changes, "haproxy");
  const touches = changes.some(({ actions }) =>
    actions
      .flatMap(touchedBy)
      .some((touched) => "path" in touched && touched.path.startsWith("/etc/haproxy/")),
  );
  if (program.length > 0) {
    const why = `another HAProxy (${program.map(({ versions }) => versions).join(", ")})`;
    // The rpm's %postun restarts the service; Debian's postinst reloads it.
    return program.some(({ rpm, replaces }) => rpm && replaces)
      ? { change: "restart", reasons: [`${why}, whose package restarts it`] }
      : { change: "reload", reasons: [why] };
  }
  return verbs.size > 0 || touches ? { change: "reload", reasons: [] } : { change: "none", reasons: [] };
};

const verbsOf = (changes: readonly PlannedChange[], unit: string): ReadonlySet<UnitVerb> =>
  new Set(
    changes
      .flatMap(({ actions }) => actions)
      .flatMap(touchedBy)
      .flatMap((touched) =>
        touched.kind === "unit" && touched.unit.replace(/\.service$/, "") === unit ? [touched.verb] : [],
      ),
  );

/** Files by which a node is reached, or kept from being reached. */
const CUTTING: readonly (readonly [RegExp, string])[] = [
  [/^\/etc\/ssh\//, "sshd"],
  [/^\/etc\/(?:firewalld|nftables|ufw|iptables|sysconfig\/(?:iptables|nftables))/, "the firewall"],
  [
    /^\/etc\/(?:network\/|netplan\/|NetworkManager\/|systemd\/network\/|sysconfig\/network-scripts\/)/,
    "the network interfaces",
  ],
];

const CUTTING_UNITS: ReadonlyMap<string, string> = new Map([
  ["ssh", "sshd"],
  ["sshd", "sshd"],
  ["firewalld", "the firewall"],
  ["nftables", "the firewall"],
  ["iptables", "the firewall"],
  ["ufw", "the firewall"],
  ["networking", "the network interfaces"],
  ["NetworkManager", "the network interfaces"],
  ["systemd-networkd", "the network interfaces"],
]);

/** Commands that change the running firewall, of which no file tells. */
const CUTTING_COMMANDS: ReadonlySet<string> = new Set(["firewall-cmd", "ip6tables", "iptables", "ufw"]);

const cutsOf = ({ actions }: PlannedChange): readonly string[] =>
  actions.flatMap((action: Action) => {
    const byCommand = action.kind === "run" && CUTTING_COMMANDS.has(action.argv[0] ?? "");
    return [...(byCommand ? ["the firewall"] : []), ...touchedBy(action).flatMap(cutBy)];
  });

const cutBy = (touched: Touched): readonly string[] => {
  if (touched.kind === "unit") {
    const what = CUTTING_UNITS.get(touched.unit.replace(/\.service$/, ""));
    return what === undefined ? [] : [what];
  }
  if (!("path" in touched)) return [];
  return CUTTING.flatMap(([pattern, what]) => (pattern.test(touched.path) ? [what] : []));
};
