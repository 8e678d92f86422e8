import { stateOf } from "../live/node.ts";
import type { LiveState } from "../live/state.ts";
import type { Cause, Examined } from "./cause.ts";
import { faultCauses } from "./fault-causes.ts";

/** What is wrong with one node, as trying it out tells. */
export const nodeCauses = (examined: Examined): readonly Cause[] => {
  const state = stateOf(examined.live);
  if (state === null) return [];
  return [
    ...faultCauses(examined, state),
    ...failedReload(examined, state),
    ...logCauses(examined),
    ...diskCauses(examined),
    ...serverCauses(examined, state),
  ];
};

/** A reload reports success and keeps the old configuration where an address cannot be bound. */
const failedReload = (examined: Examined, { haproxy }: LiveState): readonly Cause[] => {
  if (haproxy.mainPid === null || (haproxy.failedReloads ?? 0) === 0) return [];
  const { name } = examined.live;
  const said = examined.symptoms?.complaints.get("haproxy") ?? [];
  const places = [
    ...new Set(
      said.flatMap((line) => /(?:cannot bind socket|Starting \w+)[^[]*\[([^\]]+)\]/.exec(line)?.[1] ?? []),
    ),
  ];
  const holders = places.flatMap((place) => holderOf(examined, place));
  return [
    {
      kind: "reload-failed",
      nodes: [name],
      confidence: "certain",
      message: `HAProxy on ${name} did not take its new configuration: ${places.length === 0 ? "the last reload failed" : `it could not bind ${places.join(" and ")}`}, so the one of before is still at work`,
      evidence: [
        `its master counts ${haproxy.failedReloads} failed reload${haproxy.failedReloads === 1 ? "" : "s"} since the last that worked`,
        ...haproxy.changedSince.map((path) => `${path} was changed after the worker had read it`),
        ...said.slice(-3).map((line) => `its journal: ${line.trim()}`),
        ...holders,
      ],
      advice:
        holders.length > 0
          ? "end the other program, or give HAProxy another port; then systemctl reload haproxy"
          : "mend what its journal says (an address that the node has not needs net.ipv4.ip_nonlocal_bind=1; an address that exists nowhere is a mistake in the bind line); then systemctl reload haproxy",
    },
  ];
};

/** Who has a port that HAProxy could not get. */
const holderOf = ({ node }: Examined, place: string): readonly string[] => {
  const [, address = "", port = ""] = /^(.*):(\d+)$/.exec(place) ?? [];
  return (node?.facts?.listeners ?? []).flatMap((listener) =>
    listener.protocol === "tcp" &&
    listener.port === Number(port) &&
    listener.process !== "haproxy" &&
    [address, "0.0.0.0", "*", "::"].includes(listener.address)
      ? [`${listener.process ?? "another program"} listens on ${listener.address}:${listener.port}`]
      : [],
  );
};

const logCauses = ({ live, node, symptoms }: Examined): readonly Cause[] =>
  (symptoms?.logs ?? []).flatMap(({ target, facility, arrived }): readonly Cause[] => {
    if (arrived === null || arrived.length > 0) return [];
    const receiver = ["rsyslog", "syslog-ng"].find((unit) => node?.facts?.units?.has(`${unit}.service`));
    const unit = receiver === undefined ? null : (node?.facts?.units?.get(`${receiver}.service`) ?? null);
    const port = /:(\d+)$/.exec(target)?.[1];
    const open =
      port === undefined
        ? null
        : (node?.facts?.listeners ?? []).some((one) => one.protocol === "udp" && one.port === Number(port));
    const down = unit !== null && unit.get("LoadState") === "loaded" && unit.get("ActiveState") !== "active";
    return [
      {
        kind: "log-dead",
        nodes: [live.name],
        confidence: "certain",
        message: `HAProxy's log on ${live.name} goes nowhere: ${
          down
            ? `${receiver} is ${unit?.get("ActiveState")}`
            : open === false
              ? `nobody listens on UDP ${target}`
              : `what is sent to ${target} is kept in no file`
        }`,
        evidence: [
          `a line sent to ${target} as ${facility}.info arrived in no file below /var/log and not in the journal`,
          ...(open === false ? [`ss -lnup shows nobody on port ${port}`] : []),
        ],
        advice: down
          ? `systemctl enable --now ${receiver}`
          : open === false
            ? 'load imudp in rsyslog (module(load="imudp"), input(type="imudp" address="127.0.0.1" port="514")) and restart it'
            : `let a rule of rsyslog keep ${facility}.* in a file; see that it may write there, and that the disk is not full`,
      },
    ];
  });

/** Percent from which a file system counts as full. */
const FULL = 98;

const diskCauses = ({ live, symptoms }: Examined): readonly Cause[] =>
  (symptoms?.disks ?? [])
    .filter(({ used }) => used >= FULL)
    .map(
      ({ mount, used, what }): Cause => ({
        kind: "disk-full",
        nodes: [live.name],
        confidence: used === 100 ? "likely" : "possible",
        message: `${mount} on ${live.name} is full: ${used} % of its ${what === "inodes" ? "files" : "space"}`,
        evidence: [`df -P${what === "inodes" ? "i" : ""} ${mount}`],
        advice: "make room; logs, keepalived's state and new configurations cannot be written until then",
      }),
    );

/** A server that HAProxy calls down: whether the node can connect to it tells the network from the check. */
const serverCauses = ({ live, node }: Examined, { haproxy }: LiveState): readonly Cause[] => {
  const { stats } = haproxy;
  if (stats.kind === "silent") return [];
  return stats.servers.flatMap((server): readonly Cause[] => {
    if (server.health !== "down") return [];
    const configured = node?.haproxy?.proxies
      .find(({ name }) => name === server.backend)
      ?.servers.find(({ name }) => name === server.name);
    const place = configured === undefined ? null : `${configured.address}:${configured.port}`;
    const accepted = place === null ? undefined : node?.facts?.reachable?.get(place);
    const id = `${server.backend}/${server.name}`;
    return [
      {
        kind: "server-down",
        nodes: [live.name],
        confidence: "certain",
        message: `the server ${id} is down for ${live.name}${
          accepted === undefined
            ? ""
            : accepted
              ? `, though ${place} accepts connections from there: its check fails`
              : `: ${place} accepts no connection from there`
        }`,
        evidence: [
          `HAProxy says ${server.status}${server.check === "" ? "" : ` (${server.check})`}`,
          ...(accepted === undefined
            ? []
            : [`connect to ${place} from ${live.name}: ${accepted ? "accepted" : "failed"}`]),
        ],
        advice:
          accepted === true
            ? "compare what the check asks (option httpchk, http-check expect, check-ssl) with what the server answers"
            : "start the server's service; see its firewall, and the route from this node",
      },
    ];
  });
};
