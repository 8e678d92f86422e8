import { dict, type Value } from "../../core/value.ts";
import { type Gathered, sectionLines, sectionText } from "./gather.ts";
import { type Facts, keyValues } from "./platform.ts";

/** The running user, its environment, the clock, the kernel's command line, security frameworks and host keys. */
export const sessionFacts = (gathered: Gathered): Facts => ({
  ...userFacts(gathered),
  env: environment(gathered),
  date_time: clock(gathered),
  cmdline: commandLine(gathered, false),
  proc_cmdline: commandLine(gathered, true),
  fips: sectionText(gathered, "/proc/sys/crypto/fips_enabled") === "1",
  selinux: selinux(gathered),
  selinux_python_present: false,
  apparmor: dict({
    status: sectionLines(gathered, "exists").includes("/sys/kernel/security/apparmor")
      ? "enabled"
      : "disabled",
  }),
  ...hostKeys(gathered),
});

const userFacts = (gathered: Gathered): Facts => {
  const [name = "", , uid = "", gid = "", gecos = "", dir = "", shell = ""] = sectionText(
    gathered,
    "passwd",
  ).split(":");
  const ids = (key: string): readonly number[] =>
    (new RegExp(`^${key}:\\s+(.*)$`, "m").exec(gathered.get("/proc/self/status") ?? "")?.[1] ?? "")
      .split(/\s+/)
      .map(Number);
  const [realUser = 0, effectiveUser = 0] = ids("Uid");
  const [realGroup = 0, effectiveGroup = 0] = ids("Gid");
  return {
    user_id: name,
    user_uid: Number(uid),
    user_gid: Number(gid),
    user_gecos: gecos,
    user_dir: dir,
    user_shell: shell,
    real_user_id: realUser,
    effective_user_id: effectiveUser,
    real_group_id: realGroup,
    effective_group_id: effectiveGroup,
  };
};

const environment = (gathered: Gathered): Value =>
  new Map<Value, Value>(
    (gathered.get("environ") ?? "").split("\0").flatMap((entry) => {
      const at = entry.indexOf("=");
      return at < 1 ? [] : [[entry.slice(0, at), entry.slice(at + 1)] as const];
    }),
  );

/** Two lines of date(1): local time with names and offsets, then universal time. */
const clock = (gathered: Gathered): Value => {
  const [local = "", universal = ""] = sectionLines(gathered, "date");
  const [
    year = "",
    month = "",
    day = "",
    hour = "",
    minute = "",
    second = "",
    epoch = "",
    nanos = "",
    tz = "",
    offset = "",
    weekday = "",
    number = "",
    week = "",
  ] = local.split(" ");
  const [uy, um, ud, uh, umin, us] = universal.split(" ");
  const micro = /^\d+$/.test(nanos) ? nanos.slice(0, 6) : "000000";
  const basic = `${year}${month}${day}T${hour}${minute}${second}`;
  return dict({
    year,
    month,
    weekday,
    weekday_number: number,
    weeknumber: week,
    day,
    hour,
    minute,
    second,
    epoch,
    epoch_int: epoch,
    date: `${year}-${month}-${day}`,
    time: `${hour}:${minute}:${second}`,
    iso8601_micro: `${uy}-${um}-${ud}T${uh}:${umin}:${us}.${micro}Z`,
    iso8601: `${uy}-${um}-${ud}T${uh}:${umin}:${us}Z`,
    iso8601_basic: `${basic}${micro}`,
    iso8601_basic_short: basic,
    tz,
    tz_dst: tz,
    tz_offset: offset,
  });
};

/** A word given more than once is a list in `proc_cmdline`, and its last value in `cmdline`. */
const commandLine = (gathered: Gathered, lists: boolean): Value => {
  const found = new Map<Value, Value>();
  for (const word of sectionText(gathered, "/proc/cmdline").split(/\s+/)) {
    if (word === "") continue;
    const at = word.indexOf("=");
    const [key, value] = at === -1 ? [word, true] : [word.slice(0, at), word.slice(at + 1)];
    const before = found.get(key);
    if (!lists || before === undefined) found.set(key, value);
    else found.set(key, [...(Array.isArray(before) ? before : [before]), value]);
  }
  return found;
};

const selinux = (gathered: Gathered): Value => {
  const enforce = gathered.get("/sys/fs/selinux/enforce");
  if (enforce === undefined) return dict({ status: "disabled" });
  const config = keyValues(sectionText(gathered, "/etc/selinux/config"));
  return dict({
    status: "enabled",
    mode: enforce.trim() === "1" ? "enforcing" : "permissive",
    policyvers: Number(sectionText(gathered, "/sys/fs/selinux/policyvers")) || "unknown",
    config_mode: config.get("SELINUX") ?? "unknown",
    type: config.get("SELINUXTYPE") ?? "unknown",
  });
};

const hostKeys = (gathered: Gathered): Facts =>
  Object.fromEntries(
    ["rsa", "ecdsa", "ed25519"].flatMap((kind): readonly (readonly [string, Value])[] => {
      const [type, key] = sectionText(gathered, `/etc/ssh/ssh_host_${kind}_key.pub`).split(" ");
      return type === undefined || key === undefined
        ? []
        : [
            [`ssh_host_key_${kind}_public`, key],
            [`ssh_host_key_${kind}_public_keytype`, type],
          ];
    }),
  );
