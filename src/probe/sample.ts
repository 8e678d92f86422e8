/** What a client asks for, and how often. */
export interface ProbeSettings {
  /** `tcp`: a connection that is accepted is an answer. */
  readonly scheme: "http" | "https" | "tcp";
  readonly host: string;
  readonly port: number;
  /** Of HTTP. */
  readonly path: string;
  readonly everyMs: number;
  /** For one request as a whole. */
  readonly timeoutMs: number;
  /** Lower-case name of the response header that says who answered. */
  readonly serverHeader: string;
  /** Of HTTPS: whether the certificate has to be valid for the host. */
  readonly verify: boolean;
}

/** The status of an answer by TCP alone. */
export const ACCEPTED = 0;

/** One request of a client: a new TCP connection and one answer. Times are milliseconds since the epoch, with fractions. */
export interface Sample {
  readonly startedAt: number;
  readonly endedAt: number;
  /** null: no whole answer came. ACCEPTED for a TCP connection. */
  readonly status: number | null;
  /** Why there was no answer: an error code such as ECONNREFUSED, or `timeout`; null when there was one. */
  readonly error: string | null;
  /** The response header that was asked for. */
  readonly server: string | null;
  /** The answer's first line, at most 80 characters. */
  readonly body: string;
}
