export interface StartOptions {
  /** The program; `COUNTERSIGN_BINARY`, or `countersign` on the path, if absent. */
  binary?: string;
  /** A tenant export for the default tenant. */
  seed?: string;
  /** Further words of the command line. */
  args?: string[];
  /** Further variables of its environment, such as `COUNTERSIGN_LOG`. */
  env?: Record<string, string>;
  /** Milliseconds to wait for it. */
  patience?: number;
  /** Whether this process believes its certificates; true if absent. */
  trusted?: boolean;
}

export interface TenantOptions {
  name?: string;
  audience?: string;
  scopes?: string[];
  /** What the application is beyond one that asks in its own name, in the words of the Management API. */
  application?: Record<string, unknown>;
  /** What else the tenant has, as a seed file says it. */
  seed?: Record<string, unknown>;
}

export type FaultKind = "status" | "latency" | "wrong_kid" | "expired_token" | "rotated_key";

export interface FaultDetails {
  /** A path, or the beginning of one and `*`. */
  path?: string;
  method?: string;
  /** How often it happens, once if absent; without end if null. */
  times?: number | null;
  /** How many requests are let pass before. */
  skip?: number;
  status?: number;
  retry_after?: number;
  body?: unknown;
  milliseconds?: number;
}

export interface Fault extends FaultDetails {
  id: number;
  fault: FaultKind;
  happened: number;
}

export interface TokenAnswer {
  access_token: string;
  token_type: string;
  expires_in: number;
  scope?: string;
}

export interface Clock {
  now(): Promise<Date>;
  set(time: Date | string | number, options?: { stands?: boolean }): Promise<Date>;
  advance(seconds: number): Promise<Date>;
  stop(): Promise<Date>;
  go(): Promise<Date>;
  reset(): Promise<Date>;
}

export interface Tenant {
  readonly name: string;
  readonly domain: string;
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  readonly http: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly audience: string;
  readonly scope: string;
  readonly managementAudience: string;
  readonly clock: Clock;
  token(parameters?: Record<string, string>): Promise<TokenAnswer>;
  managementToken(): Promise<string>;
  fault(fault: FaultKind, details?: FaultDetails): Promise<Fault>;
  faults(): Promise<Fault[]>;
  removeFault(id: number): Promise<void>;
  clearFaults(): Promise<void>;
  rotateKeys(): Promise<void>;
  remove(): Promise<void>;
}

export interface Server extends AsyncDisposable {
  readonly pid: number;
  readonly control: string;
  readonly ca?: string;
  readonly caPem?: string;
  readonly tenant: Tenant;
  readonly clock: Clock;
  newTenant(wanted?: TenantOptions): Promise<Tenant>;
  stop(): Promise<void>;
}

export function start(options?: StartOptions): Promise<Server>;
