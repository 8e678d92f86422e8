import type { Fault } from "../fault.ts";
import type { HaproxyModel } from "./model.ts";
import type { Cookie, Farm, Mode, Section, Server } from "./proxy-model.ts";

type Path = Fault["path"];

const fault = (code: string, path: Path, message: string): Fault => ({ code, path, message });

/** What cannot be meant in a backend's servers, checks and persistence, although `haproxy -c` may let it pass. */
export const farmRules = (farm: Farm & Section, model: HaproxyModel, path: Path): readonly Fault[] => {
  const mode = farm.mode ?? model.defaults.mode;
  return [
    ...serverNameRules(farm, path),
    ...farm.servers.flatMap((server, index) =>
      serverRules(server, farm, { model, path: [...path, "servers", index] }),
    ),
    ...checkRules(farm, path),
    ...balanceRules(farm, mode, path),
    ...(farm.cookie === null ? [] : cookieRules(farm.cookie, farm, [...path, "cookie"])),
    ...retryRules(farm, model, path),
    ...stickRules(farm, path),
    ...(mode === "tcp" ? httpOnly(farm, path) : []),
  ];
};

/** Ignored in mode tcp, with a warning at best. */
const httpOnly = (farm: Farm, path: Path): readonly Fault[] =>
  [
    ...(farm.cookie === null ? [] : ["cookie"]),
    ...(farm.retry_on.length === 0 ? [] : ["retry_on"]),
    ...(farm.http_reuse === null ? [] : ["http_reuse"]),
  ].map((key) => fault("E_LB_MODE", [...path, key], "needs mode http"));

const serverNameRules = (farm: Farm, path: Path): readonly Fault[] => {
  const seen = new Set<string>();
  const values = new Set<string>();
  return farm.servers.flatMap((server, index): readonly Fault[] => {
    const at = [...path, "servers", index];
    const value = server.cookie ?? server.name;
    const faults = [
      ...(seen.has(server.name)
        ? [fault("E_LB_DUPLICATE", [...at, "name"], `there are two servers "${server.name}"`)]
        : []),
      ...(farm.cookie !== null && values.has(value)
        ? [fault("E_LB_DUPLICATE", [...at, "cookie"], `two servers have the cookie "${value}"`)]
        : []),
      ...(server.cookie !== null && farm.cookie === null
        ? [fault("E_LB_RULE", [...at, "cookie"], "the backend has no cookie")]
        : []),
    ];
    seen.add(server.name);
    values.add(value);
    return faults;
  });
};

const serverRules = (
  server: Server,
  farm: Farm,
  { model, path }: { readonly model: HaproxyModel; readonly path: Path },
): readonly Fault[] => {
  const { minconn, maxconn } = server;
  const agent = [
    ...(server.agent_address === null ? [] : ["agent_address"]),
    ...(server.agent_interval === null ? [] : ["agent_interval"]),
    ...(server.agent_send === null ? [] : ["agent_send"]),
  ];
  const checked = server.check && server.track === null;
  const port = server.port ?? server.check_port ?? farm.check?.port ?? null;
  const steps = farm.check?.kind === "tcp" && farm.check.steps.some((step) => /\bport\b/.test(step));
  const known = model.resolvers.map(({ name }) => name);
  const raw = model.raw.some((line) => /^resolvers\s/.test(line));
  return [
    ...(minconn !== null && maxconn === null
      ? [fault("E_LB_MAXCONN", [...path, "minconn"], "means nothing without maxconn")]
      : []),
    ...(minconn !== null && maxconn !== null && minconn > maxconn
      ? [fault("E_LB_MAXCONN", [...path, "minconn"], "is more than maxconn")]
      : []),
    ...(server.maxqueue !== null && maxconn === null
      ? [fault("E_LB_MAXCONN", [...path, "maxqueue"], "without maxconn there is never a queue")]
      : []),
    ...(checked && port === null && !steps && !/[/@]/.test(server.address)
      ? [fault("E_LB_CHECK", [...path, "check_port"], "is needed, as the traffic has no port of its own")]
      : []),
    ...(agent.length > 0 && server.agent_port === null
      ? agent.map((key) => fault("E_LB_CHECK", [...path, key], "needs agent_port"))
      : []),
    ...(server.on_error !== null && server.observe === null
      ? [fault("E_LB_CHECK", [...path, "on_error"], "needs observe")]
      : []),
    ...(server.observe !== null && !server.check
      ? [fault("E_LB_CHECK", [...path, "observe"], "needs check")]
      : []),
    ...(server.resolvers !== null && !raw && !known.includes(server.resolvers)
      ? [fault("E_LB_REFERENCE", [...path, "resolvers"], `there are no resolvers "${server.resolvers}"`)]
      : []),
    ...trustRules(server, path),
    ...(farm.cookie?.dynamic === true && server.cookie !== null
      ? [fault("E_LB_RULE", [...path, "cookie"], "the backend makes its cookies from addresses")]
      : []),
  ];
};

/** A public authority signs certificates for everyone: only the name tells the server from an attacker. */
const trustRules = ({ tls }: Server, path: Path): readonly Fault[] =>
  tls?.verify && tls.ca_file === null && tls.sni === null && tls.verify_host === null
    ? [
        fault(
          "E_LB_TLS",
          [...path, "tls"],
          "any certificate of a public authority would do: say verify_host or sni, or the ca_file of your own authority",
        ),
      ]
    : [];

const checkRules = ({ check }: Farm, path: Path): readonly Fault[] => {
  if (check === null) return [];
  const at = (key: string): Path => [...path, "check", key];
  const only = (kinds: readonly string[], key: string): readonly Fault[] =>
    kinds.includes(check.kind) ? [] : [fault("E_LB_RULE", at(key), `are for kind ${kinds.join(" and ")}`)];
  return [
    ...(check.steps.length === 0 ? [] : only(["tcp"], "steps")),
    ...(Object.keys(check.headers).length === 0 ? [] : only(["http"], "headers")),
    ...(check.expect === null || check.kind === "http"
      ? []
      : [fault("E_LB_RULE", at("expect"), "is for kind http; kind tcp has steps")]),
    ...(check.kind === "pgsql" && check.user === null
      ? [fault("E_LB_CHECK", at("user"), "is needed by the protocol")]
      : []),
  ];
};

const HASHING = /^(source|uri|url_param|hdr|rdp-cookie|hash)/;

const balanceRules = ({ balance, hash_type }: Farm, mode: Mode, path: Path): readonly Fault[] => [
  ...(mode === "tcp" && balance !== null && /^(uri|url_param|hdr)/.test(balance)
    ? [fault("E_LB_MODE", [...path, "balance"], `"${balance}" looks into requests, which needs mode http`)]
    : []),
  ...(mode === "http" && balance !== null && balance.startsWith("rdp-cookie")
    ? [fault("E_LB_MODE", [...path, "balance"], "rdp-cookie needs mode tcp")]
    : []),
  ...(hash_type !== null && balance !== null && !HASHING.test(balance)
    ? [fault("E_LB_RULE", [...path, "hash_type"], `"${balance}" does not hash`)]
    : []),
];

/** Fatal for haproxy, or silently without effect. */
const cookieRules = (cookie: Cookie, farm: Farm, path: Path): readonly Fault[] => {
  const words = new Set(cookie.options);
  const indirect = cookie.indirect === true || words.has("indirect");
  const inserts = [
    ...(cookie.postonly ? ["postonly"] : []),
    ...(cookie.max_idle === null ? [] : ["max_idle"]),
    ...(cookie.max_life === null ? [] : ["max_life"]),
    ...(cookie.dynamic ? ["dynamic"] : []),
  ];
  return [
    ...(cookie.kind === "insert"
      ? []
      : inserts.map((key) => fault("E_LB_COOKIE", [...path, key], "is for kind insert"))),
    ...(cookie.kind === "insert" || !indirect
      ? []
      : [
          fault(
            "E_LB_COOKIE",
            [...path, "indirect"],
            `is for kind insert: with ${cookie.kind} the cookie belongs to the application, which must see it`,
          ),
        ]),
    ...(cookie.dynamic !== (farm.dynamic_cookie_key !== null)
      ? [
          cookie.dynamic
            ? fault("E_LB_COOKIE", [...path, "dynamic"], "needs dynamic_cookie_key")
            : fault(
                "E_LB_COOKIE",
                [...path, "dynamic"],
                "must be on for dynamic_cookie_key to mean something",
              ),
        ]
      : []),
    ...(cookie.attributes.some((attribute) => /^SameSite=None$/i.test(attribute)) && !cookie.secure
      ? [
          fault(
            "E_LB_COOKIE",
            [...path, "secure"],
            "browsers drop cookies with SameSite=None that are not secure",
          ),
        ]
      : []),
  ];
};

/** Measured: without redispatch ten of thirty requests failed, because the dead server was asked again. */
const retryRules = (farm: Farm, model: HaproxyModel, path: Path): readonly Fault[] => {
  const { retry_on } = farm;
  const redispatch = farm.redispatch ?? model.defaults.redispatch;
  const beyond = retry_on.some((event) => event !== "none" && event !== "conn-failure");
  return [
    ...(beyond && !redispatch
      ? [
          fault(
            "E_LB_RETRY",
            [...path, "retry_on"],
            "needs redispatch, or the server that failed is asked again",
          ),
        ]
      : []),
    ...(retry_on.length > 0 && (farm.retries ?? model.defaults.retries) === 0
      ? [fault("E_LB_RETRY", [...path, "retries"], "is 0: nothing would be retried")]
      : []),
    ...(retry_on.length > 1 && retry_on.some((event) => event === "none" || event === "all-retryable-errors")
      ? [fault("E_LB_RETRY", [...path, "retry_on"], "none and all-retryable-errors stand alone")]
      : []),
  ];
};

/** The table of another proxy must be named. */
const stickRules = (farm: Farm & Section, path: Path): readonly Fault[] => {
  const own = farm.stick_table !== null || farm.raw.some((line) => /^\s*stick-table\s/.test(line));
  return farm.stick.flatMap((rule, index) =>
    own || /\btable\s/.test(rule)
      ? []
      : [
          fault(
            "E_LB_STICK",
            [...path, "stick", index],
            "needs a stick_table, or table and its proxy's name",
          ),
        ],
  );
};
