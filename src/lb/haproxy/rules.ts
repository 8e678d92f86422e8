import { suggest } from "../../core/suggest.ts";
import type { Fault } from "../fault.ts";
import { farmRules } from "./farm-rules.ts";
import type { HaproxyModel } from "./model.ts";
import type { Bind, Entrance, Frontend, Mode, Section, UseBackend } from "./proxy-model.ts";
import { isTyped } from "./routing.ts";
import { referenceFaults, serviceRules } from "./service-rules.ts";

type Path = Fault["path"];

/** What holds between the parts of an haproxy.cfg and what `haproxy -c` lets pass although it cannot be meant. */
export const haproxyRules = (model: HaproxyModel): readonly Fault[] => [
  ...nameRules(model),
  ...model.frontends.flatMap((frontend, index) => frontendRules(frontend, model, ["frontends", index])),
  ...model.backends.flatMap((backend, index) => [
    ...modeRules(backend, model, ["backends", index]),
    ...farmRules(backend, model, ["backends", index]),
  ]),
  ...model.listens.flatMap((listen, index) => [
    ...modeRules(listen, model, ["listens", index]),
    ...entranceRules(listen, model, ["listens", index]),
    ...farmRules(listen, model, ["listens", index]),
  ]),
  ...bindRules(model),
  ...serviceRules(model),
  ...listenerRules(model),
];

/** Fatal since 3.3 also across kinds; before it, which proxy a name means depends on the order. */
const nameRules = (model: HaproxyModel): readonly Fault[] => {
  const names = (["frontends", "backends", "listens"] as const).flatMap((kind) =>
    model[kind].map((proxy, index) => ({ name: proxy.name, path: [kind, index, "name"] as Path })),
  );
  const pairing = new Set<string>();
  return names.flatMap(({ name, path }) => {
    const kind = path[0] === "backends" ? "backend" : path[0] === "frontends" ? "frontend" : "both";
    const taken = [
      `${name} ${kind}`,
      ...(kind === "both" ? [`${name} frontend`, `${name} backend`] : [`${name} both`]),
    ];
    const again = taken.some((key) => pairing.has(key));
    pairing.add(`${name} ${kind}`);
    return again ? [{ code: "E_LB_DUPLICATE", path, message: `the name "${name}" is used twice` }] : [];
  });
};

const modeOf = (proxy: Section, model: HaproxyModel): Mode => proxy.mode ?? model.defaults.mode;

const frontendRules = (frontend: Frontend, model: HaproxyModel, path: Path): readonly Fault[] => [
  ...modeRules(frontend, model, path),
  ...entranceRules(frontend, model, path),
  ...(frontend.default_backend === null
    ? []
    : referenceRules(frontend, frontend.default_backend, model, [...path, "default_backend"])),
  ...frontend.use_backends.flatMap((rule, index) => {
    const at = [...path, "use_backends", index];
    return [
      ...routeRules(rule, modeOf(frontend, model), at),
      ...(rule.backend.includes("%")
        ? []
        : referenceRules(frontend, rule.backend, model, [...at, "backend"])),
    ];
  }),
  ...leadsNowhere(frontend, path),
];

const routeRules = (rule: UseBackend, mode: Mode, path: Path): readonly Fault[] => {
  const typed = isTyped(rule);
  const requests = rule.hosts.length + rule.paths.length + Object.keys(rule.headers).length > 0;
  return [
    ...(rule.if !== null && rule.unless !== null
      ? [{ code: "E_LB_RULE", path, message: "if and unless cannot both be given" }]
      : []),
    ...(typed && rule.unless !== null
      ? [
          {
            code: "E_LB_RULE",
            path: [...path, "unless"],
            message: "cannot stand beside hosts, paths, headers and sni",
          },
        ]
      : []),
    ...(typed && rule.if !== null && /(^|\s)(or|\|\|)(\s|$)/.test(rule.if)
      ? [
          {
            code: "E_LB_RULE",
            path: [...path, "if"],
            message: "an or beside hosts, paths, headers and sni would undo them: use two rules",
          },
        ]
      : []),
    ...(requests && mode === "tcp"
      ? [
          {
            code: "E_LB_MODE",
            path,
            message: "hosts, paths and headers need mode http; in mode tcp there is sni",
          },
        ]
      : []),
  ];
};

const leadsNowhere = (frontend: Frontend, path: Path): readonly Fault[] => {
  const answers = [...frontend.http_request, ...frontend.raw].some((rule) =>
    /\b(return|redirect|deny|use_backend|default_backend|use-service|tarpit|silent-drop|reject)\b/.test(rule),
  );
  const leads =
    frontend.default_backend !== null ||
    frontend.use_backends.length > 0 ||
    frontend.redirect_https !== null ||
    frontend.monitor_uri !== null ||
    answers;
  return leads
    ? []
    : [
        {
          code: "E_LB_NO_BACKEND",
          path,
          message: `frontend "${frontend.name}" leads nowhere: set default_backend`,
        },
      ];
};

const referenceRules = (
  frontend: Frontend,
  name: string,
  model: HaproxyModel,
  path: Path,
): readonly Fault[] => {
  const targets = [...model.backends, ...model.listens];
  const target = targets.find((proxy) => proxy.name === name);
  if (target === undefined) {
    if (
      model.raw.some((line) =>
        new RegExp(`^(backend|listen)\\s+${name.replace(/\W/g, "\\$&")}\\s*$`).test(line),
      )
    )
      return [];
    const near = suggest(
      name,
      targets.map((proxy) => proxy.name),
    );
    const hint = near === null ? "" : ` (did you mean "${near}"?)`;
    return [{ code: "E_LB_UNKNOWN_BACKEND", path, message: `there is no backend "${name}"${hint}` }];
  }
  const [from, to] = [modeOf(frontend, model), modeOf(target, model)];
  return from === to
    ? []
    : [
        {
          code: "E_LB_MODE",
          path,
          message: `a frontend in mode ${from} cannot use "${name}", which is in mode ${to}`,
        },
      ];
};

/** HAProxy warns and ignores such lines: the operator believes in a rule that is not there. */
const modeRules = (proxy: Section, model: HaproxyModel, path: Path): readonly Fault[] => {
  if (modeOf(proxy, model) === "http") return referenceFaults(proxy, model, path);
  const http = [
    ...(proxy.http_request.length > 0 ? ["http_request"] : []),
    ...(proxy.http_response.length > 0 ? ["http_response"] : []),
    ...(proxy.compression === null ? [] : ["compression"]),
    ...(proxy.cache === null ? [] : ["cache"]),
    ...(proxy.auth === null ? [] : ["auth"]),
  ];
  return http.map((key) => ({ code: "E_LB_MODE", path: [...path, key], message: "needs mode http" }));
};

const entranceRules = (proxy: Section & Entrance, model: HaproxyModel, path: Path): readonly Fault[] => {
  const tcp = modeOf(proxy, model) === "tcp";
  const needs = [
    ...(proxy.redirect_https === null ? [] : ["redirect_https"]),
    ...(proxy.hsts === null ? [] : ["hsts"]),
    ...(proxy.monitor_uri === null ? [] : ["monitor_uri"]),
  ];
  const seconds = proxy.hsts === null || /(?<![um]s)$/.test(proxy.hsts);
  return [
    ...(tcp
      ? needs.map((key) => ({ code: "E_LB_MODE", path: [...path, key], message: "needs mode http" }))
      : []),
    ...(seconds
      ? []
      : [{ code: "E_LB_RULE", path: [...path, "hsts"], message: "must be whole seconds or longer" }]),
    ...proxy.binds.flatMap((bind, index) => tlsRules(bind, [...path, "binds", index])),
    ...(proxy.hsts === null && proxy.hsts_options.length > 0
      ? [{ code: "E_LB_RULE", path: [...path, "hsts_options"], message: "mean nothing without hsts" }]
      : []),
    ...(proxy.rate_limit !== null && proxy.stick_table !== null
      ? [
          {
            code: "E_LB_STICK",
            path: [...path, "rate_limit"],
            message: "needs the proxy's only stick table; give stick_table to another proxy",
          },
        ]
      : []),
    ...tlsEndRules(proxy, path),
  ];
};

/** Such requests would be sent round and round: nothing of it is ever on TLS. */
const tlsEndRules = (proxy: Entrance, path: Path): readonly Fault[] =>
  proxy.redirect_https?.port !== undefined &&
  proxy.trusted_proxies.length === 0 &&
  proxy.binds.every((bind) => !bind.tls) &&
  proxy.binds.some((bind) => bind.port === proxy.redirect_https?.port)
    ? [
        {
          code: "E_LB_REDIRECT",
          path: [...path, "redirect_https"],
          message: "leads to a port of this proxy that does not speak TLS",
        },
      ]
    : [];

const tlsRules = (bind: Bind, path: Path): readonly Fault[] => {
  const verify = bind.client_verify !== null && bind.client_verify !== "none";
  const none = bind.certificates.length === 0 && bind.crt_list === null;
  return [
    ...(bind.tls && none
      ? [{ code: "E_LB_TLS", path: [...path, "certificates"], message: "TLS needs a certificate" }]
      : []),
    ...(!bind.tls && !none
      ? [{ code: "E_LB_TLS", path: [...path, "tls"], message: "there are certificates, but TLS is off" }]
      : []),
    ...(verify && bind.client_ca === null
      ? [
          {
            code: "E_LB_TLS",
            path: [...path, "client_ca"],
            message: "is needed to check client certificates",
          },
        ]
      : []),
    ...(bind.port === null && !bind.address.includes("/") && !bind.address.includes("@")
      ? [{ code: "E_LB_BIND", path: [...path, "port"], message: "is needed with an IP address" }]
      : []),
  ];
};

/** Two proxies on one address share its connections at random (SO_REUSEPORT), and `haproxy -c` is content. */
const bindRules = (model: HaproxyModel): readonly Fault[] => {
  const all = (["frontends", "listens"] as const).flatMap((kind) =>
    model[kind].flatMap((proxy, index) =>
      proxy.binds.map((bind, at) => ({
        address: bind.address,
        port: bind.port,
        interface: bind.interface,
        path: [kind, index, "binds", at] as Path,
      })),
    ),
  );
  const own = [
    ...(model.health === null || model.health.port === 0 ? [] : [{ ...model.health, interface: null }]),
    ...(model.stats === null ? [] : [{ ...model.stats, interface: null }]),
  ];
  return all.flatMap((bind, index) => {
    const other = [...own, ...all.slice(0, index)].find((earlier) => overlaps(earlier, bind));
    if (other === undefined) return [];
    const place = `${other.address}${other.port === null ? "" : `:${other.port}`}`;
    return [{ code: "E_LB_BIND", path: bind.path, message: `${place} is bound already` }];
  });
};

interface Place {
  readonly address: string;
  readonly port: number | null;
  readonly interface: string | null;
}

const overlaps = (a: Place, b: Place): boolean => {
  if (a.port !== b.port || (a.interface !== b.interface && a.interface !== null && b.interface !== null))
    return false;
  const wild = (address: string): boolean => ["*", "0.0.0.0", ""].includes(address);
  if (a.address === b.address) return true;
  const v6 = (address: string): boolean => address.includes(":");
  return (wild(a.address) && !v6(b.address)) || (wild(b.address) && !v6(a.address));
};

const listenerRules = (model: HaproxyModel): readonly Fault[] => {
  const health = model.health !== null && model.health.port !== 0;
  const raw = model.raw.some((line) => /^\s*bind\s/.test(line));
  return health || raw || model.stats !== null || model.frontends.length + model.listens.length > 0
    ? []
    : [
        {
          code: "E_LB_NO_LISTENER",
          path: [],
          message: "nothing listens: there is neither a frontend nor a listen section",
        },
      ];
};
