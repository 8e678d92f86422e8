import { drainFiles, isDrained } from "./drain.ts";
import { heldBy, type LiveNode } from "./node.ts";
import { note, type Problem, wrong } from "./problem.ts";
import type { LiveHaproxy, LiveState } from "./state.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate that ends within this many days should have been renewed. */
const CERTIFICATE_DAYS = 14;

/** What is wrong with a node by itself, whoever owns the addresses. */
export const nodeProblems = (node: LiveNode, addresses: readonly string[]): readonly Problem[] => {
  if (node.seen.kind === "unreachable") {
    return [
      wrong(
        node.name,
        "unreachable",
        `not reached: ${node.seen.reason}`,
        "see that it runs, and that ssh gets there",
      ),
    ];
  }
  const { state } = node.seen;
  return [
    ...keepalivedProblems(node, state, addresses),
    ...haproxyProblems(node.name, state.haproxy),
    ...certificateProblems(node.name, state),
    ...runProblems(node.name, state),
  ];
};

const keepalivedProblems = (
  node: LiveNode,
  state: LiveState,
  addresses: readonly string[],
): readonly Problem[] => {
  const { name } = node;
  const { keepalived } = state;
  const held = heldBy(node, addresses);
  if (keepalived.mainPid === null) {
    if (state.out !== null && held.length === 0) return outOfPart(node, state);
    return [
      wrong(
        name,
        "keepalived-down",
        `keepalived does not run (${keepalived.unit})${held.length === 0 ? "" : `, and ${held.join(", ")} is left on the node all the same`}`,
        held.length === 0
          ? "journalctl -u keepalived says why; systemctl start keepalived"
          : `systemctl start keepalived; if it cannot start, take the address away: ip addr del ${held[0]}/PREFIX dev INTERFACE`,
      ),
    ];
  }
  const reason = faultReason(node, state);
  return [
    ...outOfPart(node, state),
    ...differs(node, state),
    ...(keepalived.told.by === null
      ? [
          wrong(
            name,
            "vrrp-unknown",
            `keepalived does not tell its state: ${keepalived.told.reason}`,
            "journalctl -u keepalived",
          ),
        ]
      : []),
    ...keepalived.instances.flatMap((instance): readonly Problem[] => {
      const errors = Object.entries(instance.counters?.errors ?? {}).filter(([, count]) => count > 0);
      return [
        ...(instance.state === "FAULT" && !isOut(node)
          ? [
              wrong(
                name,
                "fault",
                `the VRRP instance ${instance.name} is in FAULT, so this node takes no address: ${reason}`,
                "mend that; the state ends by itself",
              ),
            ]
          : []),
        ...(errors.length === 0
          ? []
          : [
              note(
                name,
                "advert-errors",
                `the VRRP instance ${instance.name} has refused adverts since it started: ${errors.map(([error, count]) => `${error} ${count}`).join(", ")}`,
                "if the numbers grow, the nodes' keepalived.conf do not fit each other: lbplay lint --live",
              ),
            ]),
      ];
    }),
  ];
};

/** Where what keepalived does is not what its file says: somebody edited it, and nobody reloaded. */
const differs = ({ name, keepalived: file }: LiveNode, { keepalived }: LiveState): readonly Problem[] => {
  if (file === null || keepalived.told.by === null) return [];
  const said = new Map(
    file.instances.map((instance): [string, number] => [instance.name, instance.priority.value]),
  );
  const words = [
    ...keepalived.instances.flatMap((instance) => {
      const priority = said.get(instance.name);
      if (priority === undefined) return [`it runs ${instance.name}, which the file does not have`];
      return instance.basePriority === null || instance.basePriority === priority
        ? []
        : [`${instance.name} runs with priority ${instance.basePriority}, and the file says ${priority}`];
    }),
    ...[...said.keys()]
      .filter((instance) => !keepalived.instances.some((live) => live.name === instance))
      .map((instance) => `the file has ${instance}, which does not run`),
  ];
  return words.length === 0
    ? []
    : [
        wrong(
          name,
          "keepalived-differs",
          `keepalived is not what its file says: ${words.join("; ")}`,
          "systemctl reload keepalived, or put the file back",
        ),
      ];
};

/** Whether somebody has taken the node out of the pair: by lbplay maintenance, or with a drain file. */
const isOut = (node: LiveNode): boolean =>
  node.seen.kind === "seen" && (node.seen.state.out !== null || drainedBy(node).length > 0);

/** The drain files that take a node out. */
export const drainedBy = (node: LiveNode): readonly string[] => {
  const { seen, keepalived } = node;
  if (seen.kind !== "seen" || keepalived === null) return [];
  return drainFiles(keepalived)
    .filter((file) => isDrained(file, seen.state.keepalived.tracked.get(file.path) ?? null))
    .map(({ path }) => path);
};

const outOfPart = (node: LiveNode, { out }: LiveState): readonly Problem[] => {
  const back = `lbplay maintenance off ${node.name} lets it take part again`;
  if (out !== null) {
    const since = `${new Date(out.since).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    return [
      out.cause === "maintenance"
        ? wrong(node.name, "maintenance", `in maintenance since ${since}: ${out.words}`, back)
        : wrong(
            node.name,
            "switched-away",
            `kept out since a switchover at ${since}: ${out.words}`,
            `lbplay switchover gives the addresses back to it; ${back}`,
          ),
    ];
  }
  const files = drainedBy(node);
  return files.length === 0
    ? []
    : [wrong(node.name, "drained", `kept from owning addresses by ${files.join(" and ")}`, back)];
};

const faultReason = (node: LiveNode, state: LiveState): string => {
  if (state.haproxy.mainPid === null) return "HAProxy does not run";
  const files = [...state.keepalived.tracked].filter(
    ([, content]) => (Number.parseInt(content ?? "", 10) || 0) !== 0,
  );
  if (files.length > 0) return `${files.map(([path]) => path).join(" and ")} says so`;
  const scripts =
    node.keepalived?.trackers.filter(({ kind }) => kind === "script").map(({ name }) => name) ?? [];
  return scripts.length === 0
    ? "an interface is down, or has lost its address"
    : `an interface is down, or a check fails (${scripts.join(", ")}): journalctl -u keepalived`;
};

const haproxyProblems = (name: string, haproxy: LiveHaproxy): readonly Problem[] => {
  if (haproxy.mainPid === null) {
    return [
      wrong(
        name,
        "haproxy-down",
        `HAProxy does not run (${haproxy.unit})`,
        "journalctl -u haproxy says why; systemctl start haproxy",
      ),
    ];
  }
  const { stats } = haproxy;
  return [
    ...((haproxy.failedReloads ?? 0) > 0
      ? [
          wrong(
            name,
            "reload-failed",
            "HAProxy's last reload failed: the worker still has the configuration of before",
            "journalctl -u haproxy says why (an address that cannot be bound, as a rule); mend it and reload",
          ),
        ]
      : []),
    ...(haproxy.changedSince.length > 0
      ? [
          wrong(
            name,
            "config-newer",
            `${haproxy.changedSince.join(", ")} ${haproxy.changedSince.length === 1 ? "was" : "were"} changed after HAProxy had read ${haproxy.changedSince.length === 1 ? "it" : "them"}`,
            "systemctl reload haproxy, then look again",
          ),
        ]
      : []),
    ...versionProblems(name, haproxy),
    ...(stats.kind === "silent"
      ? [
          wrong(
            name,
            "haproxy-silent",
            `HAProxy tells nothing: ${stats.reason}`,
            "without its stats socket nobody knows how its servers are",
          ),
        ]
      : [
          ...stats.proxies.flatMap((proxy) =>
            proxy.kind === "frontend" && proxy.status !== "OPEN"
              ? [
                  wrong(
                    name,
                    "frontend-closed",
                    `the frontend ${proxy.name} is ${proxy.status}`,
                    `enable frontend ${proxy.name} on the stats socket, or reload HAProxy`,
                  ),
                ]
              : proxy.kind === "backend" && proxy.status === "DOWN"
                ? [
                    wrong(
                      name,
                      "backend-down",
                      `the backend ${proxy.name} has no server left`,
                      "its clients get 503 until a server is back",
                    ),
                  ]
                : [],
          ),
          ...stats.servers.flatMap((server) => {
            const id = `${server.backend}/${server.name}`;
            if (server.health === "down")
              return [
                wrong(
                  name,
                  "server-down",
                  `the server ${id} is ${server.status}${server.check === "" ? "" : ` (${server.check})`}`,
                  "look at the server, and whether this node may reach it",
                ),
              ];
            return server.health === "drain" || server.health === "maint"
              ? [
                  note(
                    name,
                    "server-out",
                    `the server ${id} is out of rotation (${server.status === "UP" ? "weight 0" : server.status})`,
                    `lbplay maintenance ready ${id} takes it back`,
                  ),
                ]
              : [];
          }),
        ]),
  ];
};

const versionProblems = (name: string, { stats, diskVersion, replaced }: LiveHaproxy): readonly Problem[] => {
  if (stats.kind === "silent" || diskVersion === null) return [];
  if (stats.version === diskVersion && !replaced) return [];
  const disk = stats.version === diskVersion ? "another build of it" : diskVersion;
  return [
    wrong(
      name,
      "old-program",
      `HAProxy runs ${stats.version}, and ${disk} is installed`,
      "systemctl restart haproxy, on the standby first",
    ),
  ];
};

const certificateProblems = (name: string, { now, haproxy }: LiveState): readonly Problem[] =>
  haproxy.certificates.flatMap(({ path, subject, notAfter }) => {
    const days = Math.floor((notAfter - now) / DAY_MS);
    if (days >= CERTIFICATE_DAYS) return [];
    return [
      wrong(
        name,
        "certificate",
        days < 0
          ? `the certificate ${path} (${subject}) has expired`
          : `the certificate ${path} (${subject}) expires in ${days} days`,
        "renew it, and reload HAProxy",
      ),
    ];
  });

const runProblems = (name: string, { lastRun, owed, unfinished }: LiveState): readonly Problem[] => [
  ...(unfinished && lastRun?.underway !== true
    ? [
        wrong(
          name,
          "unfinished",
          "a run died while it changed this node, and what was there before is still kept",
          "run the playbook once more: it goes on from there, or puts everything back",
        ),
      ]
    : []),
  ...(owed.length > 0 && lastRun?.underway !== true
    ? [
        wrong(
          name,
          "owed",
          `a run that was cut short left this to do: ${owed.map(decodeURIComponent).join(", ")}`,
          "run the site once more",
        ),
      ]
    : []),
  ...(lastRun?.underway
    ? [note(name, "run-underway", `a run is under way: ${lastRun.owner}`, "what is seen now may change")]
    : []),
];
