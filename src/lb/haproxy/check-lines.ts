import { atLeast, type Version } from "../version.ts";
import type { Check } from "./proxy-model.ts";
import { escapeWord } from "./quoting.ts";
import type { Writer } from "./writer.ts";

/** How a backend finds out whether its servers are well. */
export const checkLines = (out: Writer, check: Check, version: Version): void => {
  if (check.kind === "http") httpLines(out, check, version);
  if (check.kind === "tcp") {
    out.line("check", "option tcp-check");
    out.each("check", check.steps, (step) => `tcp-check ${step}`);
  }
  const greeting = GREETINGS[check.kind];
  if (greeting !== undefined) out.line("check", `option ${greeting(check)}`);
  out.line("check", `default-server ${paceWords(check).join(" ")}`);
};

/** The exchanges that HAProxy knows by heart. */
const GREETINGS: Readonly<Record<string, (check: Check) => string>> = {
  redis: () => "redis-check",
  ldap: () => "ldap-check",
  mysql: ({ user }) => `mysql-check${user === null ? "" : ` user ${user}`}`,
  pgsql: ({ user }) => `pgsql-check user ${user ?? "postgres"}`,
  smtp: ({ user }) => `smtpchk EHLO ${user ?? "localhost"}`,
};

const paceWords = (check: Check): readonly string[] => [
  `inter ${check.interval}`,
  ...(check.fast_interval === null ? [] : [`fastinter ${check.fast_interval}`]),
  ...(check.down_interval === null ? [] : [`downinter ${check.down_interval}`]),
  `fall ${check.fall} rise ${check.rise}`,
];

/** Before 2.2 headers had to be smuggled into the version of the request line. */
const httpLines = (out: Writer, check: Check, version: Version): void => {
  const headers = [
    ...(check.host === null ? [] : [["Host", check.host] as const]),
    ...Object.entries(check.headers),
  ];
  const protocol = check.host === null ? "HTTP/1.0" : check.version;
  if (atLeast(version, [2, 2, 0])) {
    out.line("check", "option httpchk");
    const words = headers.map(([name, value]) => ` hdr ${name} ${escapeWord(value)}`).join("");
    const body = check.body === null ? "" : ` body ${escapeWord(check.body)}`;
    out.line(
      "check",
      `http-check send meth ${check.method} uri ${escapeWord(check.uri)} ver ${protocol}${words}${body}`,
    );
  } else {
    const tail = headers.map(([name, value]) => `\\r\\n${name}:\\ ${escapeWord(value)}`).join("");
    const body = check.body === null ? "" : `\\r\\n\\r\\n${escapeWord(check.body)}`;
    out.line("check", `option httpchk ${check.method} ${escapeWord(check.uri)} ${protocol}${tail}${body}`);
  }
  out.setting("check", "http-check expect", check.expect);
  if (check.disable_on_404) out.line("check", "http-check disable-on-404");
};
