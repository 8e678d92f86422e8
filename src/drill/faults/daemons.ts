import { predictedEvent, predictedHang, staysAsItIs } from "../predictions.ts";
import { type Fault, NOTHING, type Planning, type Prediction, planned, type Subject } from "./fault.ts";

/** Shell functions: `service VERB UNIT`, `signal NAME UNIT` to all its processes, and `begin UNIT`, which says why it does not start. */
const SERVICES = `
service_() { if [ -d /run/systemd/system ]; then systemctl "$1" "$2"; else service "$2" "$1"; fi; }
signal_() { if [ -d /run/systemd/system ]; then systemctl kill -s "$1" "$2"; else kill -s "$1" $(pidof "$2"); fi; }
begin() {
  [ ! -d /run/systemd/system ] || systemctl reset-failed "$1" 2>/dev/null
  said=$(service_ start "$1" 2>&1) && return
  why=$(journalctl -q _SYSTEMD_UNIT="$1.service" -n 40 -o cat --no-pager 2>/dev/null | grep -iE 'alert|cannot|error' | tail -n 2)
  printf '%s\\n' "\${why:-$said}" >&2
  return 1
}
`;

const onOwner = (
  { owner }: Subject,
  inject: string,
  undo: string,
  predicted: Prediction | null,
  more: Partial<Exclude<Planning, { readonly because: string }>> = {},
): Planning =>
  planned({
    nodes: [owner.name],
    scripts: { inject: `${SERVICES}${inject}`, undo: undo === NOTHING ? NOTHING : `${SERVICES}${undo}` },
    predicted,
    ...more,
  });

/** A unit that systemd starts again may be back before anybody noticed. */
const restartedByItself = ({ pair, owner }: Subject, unit: "haproxy" | "keepalived"): boolean => {
  const facts = pair.nodes.find(({ name }) => name === owner.name)?.facts ?? null;
  const restart = facts?.units?.get(`${unit}.service`)?.get("Restart") ?? "no";
  return restart !== "no" && restart !== "on-success";
};

const haproxyStop: Fault = {
  id: "haproxy-stop",
  title: "HAProxy stopped",
  injection: "HAProxy is stopped on the owner of the addresses",
  undo: "it is started",
  plan: (subject) =>
    onOwner(subject, "service_ stop haproxy", "begin haproxy", predictedEvent(subject, "haproxy")),
};

const haproxyKill: Fault = {
  id: "haproxy-kill",
  title: "HAProxy killed (kill -9)",
  injection: "all processes of HAProxy on the owner get SIGKILL",
  undo: "HAProxy is started where it was not started again already",
  plan: (subject) =>
    onOwner(subject, "signal_ KILL haproxy", "begin haproxy", predictedEvent(subject, "haproxy"), {
      alsoOwners: restartedByItself(subject, "haproxy") ? [[subject.owner.name]] : [],
    }),
};

const haproxyFreeze: Fault = {
  id: "haproxy-freeze",
  title: "HAProxy frozen (SIGSTOP)",
  injection: "all processes of HAProxy on the owner get SIGSTOP: connections are accepted, nothing answers",
  undo: "they get SIGCONT",
  plan: (subject) => onOwner(subject, "signal_ STOP haproxy", "signal_ CONT haproxy", predictedHang(subject)),
};

const keepalivedStop: Fault = {
  id: "keepalived-stop",
  title: "keepalived stopped",
  injection: "keepalived is stopped on the owner, and says goodbye",
  undo: "it is started",
  plan: (subject) =>
    onOwner(subject, "service_ stop keepalived", "begin keepalived", predictedEvent(subject, "stop")),
};

const keepalivedKill: Fault = {
  id: "keepalived-kill",
  title: "keepalived killed (kill -9)",
  injection: "all processes of keepalived on the owner get SIGKILL, and the addresses stay behind",
  undo: "keepalived is started where it was not started again already",
  plan: (subject) => {
    const { owner, standby } = subject;
    return onOwner(subject, "signal_ KILL keepalived", "begin keepalived", predictedEvent(subject, "kill"), {
      // Started again it lets go of them, or has them back before the others miss it.
      alsoOwners: restartedByItself(subject, "keepalived") ? [[standby.name], [owner.name]] : [],
    });
  },
};

const keepalivedReload: Fault = {
  id: "keepalived-reload",
  title: "keepalived reloaded",
  injection: "keepalived reads its configuration again on the owner",
  undo: "nothing is to be undone",
  plan: (subject) => {
    const { owner } = subject;
    const why = "a reload without a change keeps the instance as it is";
    return onOwner(
      subject,
      "service_ reload keepalived",
      NOTHING,
      staysAsItIs(subject, `keepalived is reloaded on ${owner.name}`, why),
      { effect: { kind: "keepalived-reloaded" } },
    );
  },
};

const keepalivedRestart: Fault = {
  id: "keepalived-restart",
  title: "keepalived restarted",
  injection: "keepalived is restarted on the owner",
  undo: "it is started where it did not come up",
  plan: (subject) => {
    const { owner, standby } = subject;
    return onOwner(
      subject,
      "service_ restart keepalived",
      "begin keepalived",
      predictedEvent(subject, "stop"),
      // Either it is back before the other's timer runs out, or it takes the addresses back.
      { alsoOwners: [[owner.name], [standby.name]] },
    );
  },
};

const reload: Fault = {
  id: "reload",
  title: "HAProxy reloaded under load",
  injection: "HAProxy reads its configuration again on the owner, while clients ask",
  undo: "nothing is to be undone",
  plan: (subject) => {
    const why = "the old worker serves its connections to their end, the new one all others";
    return onOwner(
      subject,
      "service_ reload haproxy",
      NOTHING,
      staysAsItIs(subject, `haproxy is reloaded on ${subject.owner.name}`, why),
      { effect: { kind: "haproxy-reloaded" } },
    );
  },
};

/** Faults of the two daemons on the owner. */
export const DAEMON_FAULTS: readonly Fault[] = [
  haproxyStop,
  haproxyKill,
  haproxyFreeze,
  keepalivedStop,
  keepalivedKill,
  keepalivedReload,
  keepalivedRestart,
  reload,
];
