import type { VrrpInstance } from "../keepalived/config.ts";
import { drainedBy } from "../live/node-health.ts";
import type { LiveState } from "../live/state.ts";
import type { Cause, Examined } from "./cause.ts";

/** Why instances of a node are in FAULT: its interfaces, its checks run by hand, the files that it tracks. */
export const faultCauses = (examined: Examined, state: LiveState): readonly Cause[] => {
  const instances = (examined.live.keepalived?.instances ?? []).filter(
    ({ name }) => state.keepalived.instances.find((one) => one.name === name)?.state === "FAULT",
  );
  const links = interfaceCauses(examined, state);
  // A script that fails is worth a word also where its weight makes no FAULT of it.
  const checks = checkCauses(examined, instances);
  if (instances.length === 0) return [...links, ...checks];
  const files = fileCauses(examined, state, instances);
  const found = [...links, ...checks, ...files];
  return found.length > 0 || state.out !== null || drainedBy(examined.live).length > 0
    ? found
    : [
        {
          kind: "fault-unexplained",
          nodes: [examined.live.name],
          confidence: "possible",
          message: `${instances.map(({ name }) => name).join(" and ")} on ${examined.live.name} is in FAULT, and its interfaces, checks and files look well now`,
          evidence: complaints(examined),
          advice:
            "journalctl -u keepalived names what failed; a check that fails only at times, or only as keepalived's user, is found by running it longer",
        },
      ];
};

const complaints = ({ symptoms }: Examined): readonly string[] =>
  (symptoms?.complaints.get("keepalived") ?? [])
    .slice(-3)
    .map((line) => `keepalived's journal: ${line.trim()}`);

const interfaceCauses = (examined: Examined, state: LiveState): readonly Cause[] => {
  const links = examined.node?.facts?.links ?? null;
  const { name } = examined.live;
  if (links === null) return [];
  const wanted = new Map(
    (examined.live.keepalived?.instances ?? []).flatMap((instance) => [
      ...(instance.interface === null ? [] : [[instance.interface.text, instance.name] as const]),
      ...instance.trackers.flatMap((tracker) =>
        tracker.kind === "interface" ? [[tracker.name, instance.name] as const] : [],
      ),
    ]),
  );
  return [...wanted].flatMap(([dev, instance]): readonly Cause[] => {
    const link = links.find((one) => one.name === dev);
    const others = links.map((one) => one.name).filter((one) => one !== "lo");
    if (link === undefined)
      return [
        {
          kind: "wrong-interface",
          nodes: [name],
          confidence: "certain",
          message: `${instance} on ${name} needs the interface ${dev}, which ${name} does not have`,
          evidence: [`it has ${others.join(", ")}`, ...complaints(examined)],
          advice:
            "name the interface of the virtual address's network in keepalived.conf, and restart keepalived",
        },
      ];
    const up = link.flags.includes("UP");
    const carrier = !link.flags.includes("NO-CARRIER") && link.flags.includes("LOWER_UP");
    if (up && carrier) {
      const bare =
        !(examined.node?.facts?.addresses ?? []).some((one) => one.dev === dev) && state.addresses.size > 0;
      return bare
        ? [
            {
              kind: "interface-without-address",
              nodes: [name],
              confidence: "likely",
              message: `the interface ${dev} of ${name} has no address, which ${instance} would send its adverts from`,
              evidence: [`ip addr show dev ${dev}`],
              advice: "give it its address back (systemctl restart systemd-networkd, netplan apply, nmcli)",
            },
          ]
        : [];
    }
    return [
      {
        kind: "interface-down",
        nodes: [name],
        confidence: "certain",
        message: `the interface ${dev} of ${name}, which ${instance} needs, ${up ? "has no carrier" : "is down"}`,
        evidence: [`ip link show dev ${dev}: ${link.flags.join(",")}`],
        advice: up ? "see the cable, the switch's port, the hypervisor's network" : `ip link set ${dev} up`,
      },
    ];
  });
};

const checkCauses = (examined: Examined, instances: readonly VrrpInstance[]): readonly Cause[] =>
  (examined.symptoms?.checks ?? []).flatMap(({ name, code, said, user }): readonly Cause[] => {
    if (code === 0) return [];
    const uses = instances.some(({ trackers }) => trackers.some((tracker) => tracker.name === name));
    const tracker = examined.live.keepalived?.trackers.find(
      (one) => one.kind === "script" && one.name === name,
    );
    return [
      {
        kind: "check-fails",
        nodes: [examined.live.name],
        confidence: uses ? "certain" : "likely",
        message: `keepalived's check ${name} fails on ${examined.live.name}${uses ? ", and so its instance is in FAULT" : ""}`,
        evidence: [
          `run by hand as ${user}: ${tracker?.target ?? name} ends with ${codeText(code)}${said === "" ? "" : `: ${said.replaceAll("\n", " / ")}`}`,
        ],
        advice:
          code === 127 || code === 126
            ? "the program is missing or may not be run: install it, give its whole path, chmod 0755"
            : "mend what it checks; if it checks the wrong thing, mend the vrrp_script",
      },
    ];
  });

const codeText = (code: number): string =>
  code === 124 ? "no answer in time (stopped)" : code === 127 ? "127 (not found)" : `exit code ${code}`;

/** Files that make a FAULT where their number, times the weight of the use, is none, or is -254 or less. */
const fileCauses = (
  { live }: Examined,
  { keepalived, haproxy }: LiveState,
  instances: readonly VrrpInstance[],
): readonly Cause[] =>
  instances.flatMap((instance) =>
    instance.trackers.flatMap((use): readonly Cause[] => {
      const tracker = live.keepalived?.trackers.find((one) => one.kind === use.kind && one.name === use.name);
      if (use.kind !== "file" || tracker === undefined) return [];
      const content = keepalived.tracked.get(tracker.target) ?? null;
      const value = Number.parseInt(content ?? "", 10) || 0;
      const weight = use.weight ?? tracker.weight;
      if (value === 0 || (weight !== 0 && value * weight > -254)) return [];
      const stopped = haproxy.mainPid === null && /haproxy/i.test(`${tracker.name} ${tracker.target}`);
      return [
        {
          kind: stopped ? "haproxy-down" : "tracked-file",
          nodes: [live.name],
          confidence: "certain",
          message: stopped
            ? `HAProxy does not run on ${live.name}, so ${instance.name} is in FAULT`
            : `the file ${tracker.target} on ${live.name} says ${value}, so ${instance.name} is in FAULT`,
          evidence: [
            `${tracker.target} has ${content?.trim()}`,
            ...(stopped ? [`haproxy.service is ${haproxy.unit}`] : []),
          ],
          advice: stopped
            ? "journalctl -u haproxy says why; systemctl start haproxy"
            : `find out who wrote it; echo 0 >${tracker.target} lets the node take part again`,
        },
      ];
    }),
  );
