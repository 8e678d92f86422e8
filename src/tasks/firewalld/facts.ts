import { type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { labelled } from "../shared-probes/label.ts";
import { zoneToCome } from "./zone-file.ts";

/** What firewalld says of a zone. */
export interface FirewalldFacts {
  /** `offline`: the daemon does not run, its files can be changed; `none`: firewalld is not there. */
  readonly daemon: "running" | "offline" | "none";
  /** null where there is no such zone. Without firewalld what it will find: what is left in its directory. */
  readonly permanent: Zone | null;
  /** null where there is no such zone, or no daemon. */
  readonly runtime: Zone | null;
  /** What a tool complained about, other than a zone that is not there. */
  readonly fault: string | null;
}

/** A zone's settings as `--list-all` prints them: field → its values. */
export interface Zone {
  readonly name: string;
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

/**
 * A zone as a whole, running and permanent. firewall-cmd takes a third of a second to start: all tasks on one zone
 * share this read.
 */
export const zoneFacts = (zone: string | null): Probe<FirewalldFacts> => read(zoneScript(zone), parseFacts);

const zoneScript = (zone: string | null): string => {
  const choice = zone === null ? "" : ` --zone=${quote(zone)}`;
  return labelled(zone === null ? "firewalld's default zone" : `firewalld zone ${zone}`, [
    "if ! command -v firewall-cmd >/dev/null 2>&1; then",
    `z=${zone === null ? "$(sed -n 's/^DefaultZone=//p' /etc/firewalld/firewalld.conf 2>/dev/null)" : quote(zone)}`,
    'echo "${z:=public}"; cat "/etc/firewalld/zones/$z.xml" 2>/dev/null; exit 127',
    "fi",
    `r=$(firewall-cmd${choice} --list-all 2>&1); c=$?`,
    "if [ $c -eq 252 ]; then",
    `p=$(firewall-offline-cmd${choice} --list-all 2>&1); echo "--permanent $?"; echo "$p"; exit 4`,
    "fi",
    'echo "--runtime $c"; echo "$r"',
    `p=$(firewall-cmd --permanent${choice} --list-all 2>&1); echo "--permanent $?"; echo "$p"`,
    "exit 0",
  ]);
};

const parseFacts = (answer: ReadResult): FirewalldFacts => {
  if (answer.code === 127) {
    const [name = "", ...file] = answer.stdout.toString("utf8").split("\n");
    return { daemon: "none", permanent: zoneToCome(name, file.join("\n")), runtime: null, fault: null };
  }
  const answers = new Map<string, { readonly code: number; readonly text: string }>();
  for (const block of answer.stdout
    .toString("utf8")
    .split(/^--(?=runtime|permanent)/m)
    .slice(1)) {
    const [head = "", ...lines] = block.split("\n");
    const [name = "", code = "0"] = head.split(" ");
    answers.set(name, { code: Number(code), text: lines.join("\n") });
  }
  const faults = [...answers.values()]
    .filter(({ code, text }) => code !== 0 && !text.includes("INVALID_ZONE"))
    .map(({ text }) => text.trim());
  const zone = (name: string): Zone | null => {
    const found = answers.get(name);
    return found === undefined || found.code !== 0 ? null : parseZone(found.text);
  };
  return {
    daemon: answer.code === 4 ? "offline" : "running",
    permanent: zone("permanent"),
    runtime: zone("runtime"),
    fault: faults[0] ?? null,
  };
};

/** Values follow their field on the line, or one by one on lines of their own behind a tab. */
const parseZone = (text: string): Zone => {
  const [head = "", ...lines] = text.split("\n");
  const fields = new Map<string, string[]>();
  let last: string[] = [];
  for (const line of lines) {
    const [, name, rest = ""] = /^ {2}(\S[^:]*):\s?(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      if (line.trim() !== "") last.push(line.trim());
      continue;
    }
    const whole = name === "rich rules" || name === "forward-ports";
    last = rest.trim() === "" ? [] : whole ? [rest.trim()] : rest.trim().split(/\s+/);
    fields.set(name, last);
  }
  return { name: head.replace(/ \(.*/, "").trim(), fields };
};
