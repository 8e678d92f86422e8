import { eachHaproxy, found } from "../each-node.ts";
import type { Rule } from "../rule.ts";

const BACKEND = "backend app\n    mode http\n    server web1 192.0.2.21:80 check\n";

const unreadable: Rule = {
  id: "H52",
  severity: "error",
  title: "HAProxy reads every line as it was meant.",
  why: "A quote without its end, a condition without .endif or a line outside of all sections makes HAProxy refuse the whole file: a reload keeps the old configuration, a restart ends it.",
  source: "HAProxy's configuration manual, 2.2 and 2.4; measured with HAProxy 2.6.12",
  fix: "Correct the line.",
  bad: { haproxy: { both: `${BACKEND}    http-request set-header X-Site "main\n` } },
  good: { haproxy: { both: `${BACKEND}    http-request set-header X-Site "main"\n` } },
  check: (pair) =>
    eachHaproxy(pair, ({ problems }) =>
      problems
        .filter(({ at, message }) => !(message.includes("line feed") && isLast(at)))
        .map(({ at, message, severity }) => found(at, message, { severity })),
    ),
};

/** A file that is cut short has a rule of its own. */
const isLast = ({ source, line }: { readonly source: { readonly text: string }; readonly line: number }) =>
  line === source.text.split("\n").length;

export const haproxySyntax: readonly Rule[] = [unreadable];
