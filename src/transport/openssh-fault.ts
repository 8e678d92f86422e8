import { TransportError, type TransportFault } from "../core/transport.ts";

interface Rule {
  readonly pattern: RegExp;
  readonly fault: TransportFault;
  readonly hint: string;
}

/** What the messages of OpenSSH's client mean; the first match wins. */
const RULES: readonly Rule[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY/,
    fault: "host-key-changed",
    hint: "someone may be in between; if the node was rebuilt, remove its old key with ssh-keygen -R and add the new one",
  },
  {
    pattern: /Host key verification failed|No \S+ host key is known/,
    fault: "host-key-unknown",
    hint: "compare the host's fingerprint (ssh-keygen -lf on its console), then add its key with ssh-keyscan",
  },
  {
    pattern: /Could not resolve hostname|Name or service not known/,
    fault: "unresolved",
    hint: "set ansible_host to an address, or mend DNS",
  },
  {
    pattern: /Connection refused/,
    fault: "refused",
    hint: "check that sshd runs there, and ansible_port",
  },
  {
    pattern: /No route to host|Network is unreachable/,
    fault: "refused",
    hint: "check the address and the way to it",
  },
  {
    pattern: /timed out|banner exchange.*timeout/i,
    fault: "timeout",
    hint: "check that the node is up, its address, and that no firewall drops the port",
  },
  {
    pattern: /Permission denied|Too many authentication failures/,
    fault: "authentication",
    hint: "check ansible_user, and that its key is in authorized_keys there (--private-key, -k for a password)",
  },
  {
    pattern: /Bad configuration option|unknown option|no argument after keyword|Bad owner or permissions/i,
    fault: "unsupported",
    hint: "mend ~/.ssh/config or ansible_ssh_common_args",
  },
];

/** The fault behind what ssh wrote to standard error before it gave up. */
export const logFault = (target: { readonly label: string }, log: string): TransportError => {
  const lines = log
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^@+|^Warning: Permanently added/.test(line));
  const rule = RULES.find(({ pattern }) => pattern.test(log));
  if (rule === undefined) {
    return new TransportError({
      fault: "lost",
      message: `${target.label}: ssh ended: ${lines.at(-1) ?? "it gave no reason"}`,
      hint: "try the same with `ssh -v` by hand",
    });
  }
  const changed = rule.fault === "host-key-changed" ? "the host key has changed" : undefined;
  const line = changed ?? lines.find((text) => rule.pattern.test(text)) ?? lines.at(-1) ?? rule.fault;
  const detail =
    rule.fault === "host-key-changed" || rule.fault === "host-key-unknown" ? keyDetail(lines) : "";
  return new TransportError({
    fault: rule.fault,
    message: `${target.label}: ${line}${detail}`,
    hint: rule.hint,
  });
};

/** The fingerprint and the known_hosts line, which ssh spreads over several lines. */
const keyDetail = (lines: readonly string[]): string => {
  const fingerprint = lines.find((line) => line.startsWith("SHA256:"))?.replace(/\.$/, "");
  const offending = lines.find((line) => /^Offending \S+ key in/.test(line));
  return [fingerprint, offending].flatMap((part) => (part === undefined ? [] : [` (${part})`])).join("");
};
