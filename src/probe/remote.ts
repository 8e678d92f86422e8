import { quote } from "../core/shell.ts";
import { ACCEPTED, type ProbeSettings, type Sample } from "./sample.ts";
import { targetText } from "./target.ts";

/** A client on another machine forgets itself after this long, should nobody stop it. */
const LONGEST_SECONDS = 900;

/** A shell begins this many requests a second at most. */
const MOST_PER_SECOND = 20;

/** Milliseconds between two requests of a client on another machine. */
export const remoteEveryMs = (everyMs: number): number => Math.max(everyMs, 1000 / MOST_PER_SECOND);

/**
 * A script that starts a client on a Linux machine: a request on a fixed schedule, each its own process. It needs curl
 * for HTTP, bash for TCP, and a `date` that knows milliseconds. Says the directory of its log; exits with a message on
 * what is missing.
 */
export const startScript = (settings: ProbeSettings): string => {
  const every = remoteEveryMs(settings.everyMs) / 1000;
  const timeout = String(settings.timeoutMs / 1000);
  return `
case $(date +%3N 2>/dev/null) in
  [0-9][0-9][0-9]) ;;
  *) echo "the clock there does not tell milliseconds: probe from a Linux host with GNU date" >&2; exit 1 ;;
esac
${missing(settings)}
directory=$(mktemp -d) || exit 1
cd "$directory" || exit 1
cat >ask.sh <<'ASK'
asked=0
while [ "$asked" -lt ${Math.round(LONGEST_SECONDS / every)} ] && ! [ -e stop ]; do
  asked=$((asked + 1))
  {
    began=$(date +%s%3N)
    said=$(${asking(settings, timeout)})
    code=$?
    echo "$began $(date +%s%3N) $code \${said:-000}" >>log
  } &
  sleep ${every}
done
wait
: >done
ASK
nohup sh ask.sh >/dev/null 2>&1 </dev/null &
echo "$directory"`;
};

/** A script that ends such a client, waits for its last requests and prints its log. */
export const stopScript = (directory: string, timeoutMs: number): string => `
cd ${quote(directory)} || exit 1
: >stop
turn=0
until [ -e done ] || [ "$turn" -gt ${Math.ceil(timeoutMs / 100) + 50} ]; do turn=$((turn + 1)); sleep 0.1; done
cat log 2>/dev/null
cd / && rm -r ${quote(directory)}`;

/** The samples in a client's log. Its machine's clock is what they tell. */
export const samplesOf = (log: string, { scheme }: Pick<ProbeSettings, "scheme">): readonly Sample[] =>
  log.split("\n").flatMap((line) => {
    const [, from, to, code, said] = /^(\d+) (\d+) (\d+) (\d+)$/.exec(line) ?? [];
    if (from === undefined || to === undefined) return [];
    const whole = code === "0";
    return [
      {
        startedAt: Number(from),
        endedAt: Number(to),
        status: whole ? (scheme === "tcp" ? ACCEPTED : Number(said)) : null,
        error: whole ? null : (ERRORS.get(`${scheme === "tcp" ? "sh" : "curl"} ${code}`) ?? `exit ${code}`),
        server: null,
        body: "",
      },
    ];
  });

/** What curl's and timeout's exit codes mean, in the words of a client here. */
const ERRORS: ReadonlyMap<string, string> = new Map([
  ["curl 6", "ENOTFOUND"],
  ["curl 7", "ECONNREFUSED"],
  ["curl 28", "timeout"],
  ["curl 35", "TLS"],
  ["curl 52", "ECONNRESET"],
  ["curl 56", "ECONNRESET"],
  ["curl 60", "TLS"],
  ["sh 1", "ECONNREFUSED"],
  ["sh 124", "timeout"],
]);

const missing = ({ scheme }: ProbeSettings): string =>
  scheme === "tcp"
    ? 'command -v bash >/dev/null && command -v timeout >/dev/null || { echo "there is no bash with timeout there, which a TCP probe needs" >&2; exit 1; }'
    : 'command -v curl >/dev/null || { echo "there is no curl there: install it, or probe from another host" >&2; exit 1; }';

const asking = (settings: ProbeSettings, timeout: string): string =>
  settings.scheme === "tcp"
    ? `timeout ${timeout} bash -c ${quote(`exec 3<>/dev/tcp/${settings.host}/${settings.port}`)} 2>/dev/null`
    : `curl -s${settings.verify ? "" : "k"} -o /dev/null -m ${timeout} -w '%{http_code}' ${quote(targetText(settings))}`;
