import { planHandover } from "../../lb/live/handover.ts";
import { HANDOVER } from "../../lb/vrrp/election.ts";
import { predictedEvent, staysAsItIs } from "../predictions.ts";
import { type Fault, NOTHING, type Prediction, planned, type Subject } from "./fault.ts";

const reboot: Fault = {
  id: "reboot",
  title: "node rebooted",
  injection: "the owner is rebooted, with its services stopped in order",
  undo: "it comes back by itself",
  plan: (subject) => {
    const { owner } = subject;
    const predicted = predictedEvent(subject, "stop");
    return planned({
      nodes: [owner.name],
      scripts: {
        inject: "if [ -d /run/systemd/system ]; then systemctl reboot; else reboot; fi",
        undo: NOTHING,
      },
      way: "reboot",
      predicted: predicted === null ? null : { ...predicted, what: `${owner.name} is rebooted` },
    });
  },
};

const powerOff: Fault = {
  id: "power-off",
  title: "node powered off",
  injection: "the owner's power is cut: every process ends at once, nothing is written any more",
  undo: "its power is switched on",
  plan: (subject) => {
    if (!subject.power)
      return { because: `nothing here can switch ${subject.owner.name} off and on again: a lab can` };
    const predicted = predictedEvent(subject, "power");
    return planned({
      nodes: [subject.owner.name],
      scripts: { inject: NOTHING, undo: NOTHING },
      way: "power",
      predicted,
    });
  },
};

/** A full file system of its own lies over the directory: the real disk is never filled, and no log is lost but that meanwhile. */
const FILL = `
hup() { for unit in rsyslog syslog-ng; do [ ! -d /run/systemd/system ] || systemctl kill -s HUP "$unit" 2>/dev/null; done; :; }
ours() { grep -q '^lbplay-drill /var/log ' /proc/mounts; }
`;

const diskFull: Fault = {
  id: "disk-full",
  title: "/var/log full",
  injection: "a full file system of 64 KiB is mounted over /var/log on all nodes",
  undo: "it is taken away; what was logged meanwhile is lost",
  plan: (subject) => {
    const predicted = staysAsItIs(
      subject,
      "/var/log is full on all nodes",
      "neither HAProxy nor keepalived waits for a log",
    );
    return planned({
      nodes: subject.nodes.map(({ name }) => name),
      scripts: {
        inject: `${FILL}ours || mount -t tmpfs -o size=64k,mode=0755 lbplay-drill /var/log || exit 1\nhup\ndd if=/dev/zero of=/var/log/lbplay-drill bs=4k 2>/dev/null\n[ "$(df -P /var/log | awk 'NR == 2 { print $4 }')" -lt 8 ]`,
        undo: `${FILL}! ours || umount -l /var/log\n! ours || exit 1\nhup`,
      },
      predicted,
    });
  },
};

const switchover: Fault = {
  id: "switchover",
  title: "planned switchover and back",
  injection: "the owner gives the addresses away as lbplay switchover does",
  undo: "it takes part again, and gets them back",
  plan: (subject) => {
    const { owner, standby } = subject;
    const handover = planHandover(owner, standby);
    const predicted = switchPrediction(subject, handover.expectedMs, handover.overlap);
    return planned({
      nodes: [owner.name],
      scripts: { inject: handover.give, undo: handover.rejoin.script },
      predicted,
    });
  },
};

const switchPrediction = ({ owner, standby }: Subject, expectedMs: number, overlap: boolean): Prediction => ({
  what: `${owner.name} gives the addresses to ${standby.name}`,
  outcome: "moves",
  owners: [standby.name],
  moves: { min: 0, max: expectedMs + HANDOVER.max },
  outage: overlap ? HANDOVER : { min: 0, max: expectedMs + HANDOVER.max },
  formula: overlap
    ? `${owner.name} serves until ${standby.name} has taken over, and up to ${HANDOVER.max} ms for the takeover`
    : `the timers of ${standby.name}, and up to ${HANDOVER.max} ms for the takeover`,
});

/** Faults of a machine as a whole, and what an operator does with it. */
export const MACHINE_FAULTS: readonly Fault[] = [reboot, powerOff, diskFull, switchover];
