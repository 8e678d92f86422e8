import { BACKEND_FAULTS } from "./backends.ts";
import { DAEMON_FAULTS } from "./daemons.ts";
import type { Fault, FaultId, PlannedFault, Subject, UnavailableFault } from "./fault.ts";
import { MACHINE_FAULTS } from "./machines.ts";
import { NETWORK_FAULTS } from "./network.ts";

/** In which order a drill goes through its faults: the gentle ones first, so that a pair which is not fit shows it cheaply. */
const ORDER: readonly FaultId[] = [
  "switchover",
  "reload",
  "keepalived-reload",
  "backend-down",
  "backend-hang",
  "backends-down",
  "haproxy-stop",
  "haproxy-kill",
  "haproxy-freeze",
  "keepalived-stop",
  "keepalived-restart",
  "keepalived-kill",
  "disk-full",
  "vrrp-block",
  "cable",
  "reboot",
  "power-off",
];

/** All faults, in the order of a drill. */
export const FAULTS: readonly Fault[] = [
  ...DAEMON_FAULTS,
  ...NETWORK_FAULTS,
  ...BACKEND_FAULTS,
  ...MACHINE_FAULTS,
].toSorted((a, b) => ORDER.indexOf(a.id) - ORDER.indexOf(b.id));

/** How a fault would be done to a pair, or why it cannot be. */
export const planFault = (fault: Fault, subject: Subject): PlannedFault | UnavailableFault => {
  const { id, title, injection, undo } = fault;
  const words = { id, title, injection, undo };
  const planned = fault.plan(subject);
  return "because" in planned
    ? { kind: "unavailable", ...words, ...planned }
    : { kind: "planned", ...words, ...planned };
};
