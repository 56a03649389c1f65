// What each service has to be told, and what is wrong with what it is told.
import type { Sink, StreamKind } from '../../api/logStreams';
import { KEPT } from '../../lib/secrets.ts';
import { logStreams as text } from '../../text/logStreams.ts';

export type Member = { name: string; secret?: true; optional?: true };

export const MEMBERS: Record<StreamKind, Member[]> = {
  http: [{ name: 'httpEndpoint' }, { name: 'httpAuthorization', secret: true, optional: true }, { name: 'httpContentFormat', optional: true }, { name: 'httpContentType', optional: true }],
  datadog: [{ name: 'datadogRegion' }, { name: 'datadogApiKey', secret: true }],
  splunk: [{ name: 'splunkDomain' }, { name: 'splunkPort' }, { name: 'splunkToken', secret: true }],
  sumo: [{ name: 'sumoSourceAddress', secret: true }],
  segment: [{ name: 'segmentWriteKey', secret: true }],
  mixpanel: [{ name: 'mixpanelRegion' }, { name: 'mixpanelProjectId' }, { name: 'mixpanelServiceAccountUsername' }, { name: 'mixpanelServiceAccountPassword', secret: true }],
  eventbridge: [{ name: 'awsAccountId' }, { name: 'awsRegion' }],
  eventgrid: [{ name: 'azureSubscriptionId' }, { name: 'azureRegion' }, { name: 'azureResourceGroup' }],
};

export const KINDS = Object.keys(MEMBERS) as StreamKind[];

/** Whether it is a cloud's, whose place is settled on creation and to which whoever runs the server must have access. */
export const isCloud = (kind: StreamKind): boolean => kind === 'eventbridge' || kind === 'eventgrid';

/** What a new sink begins with. */
export const freshSink = (kind: StreamKind): Sink => ({
  ...(kind === 'http' && { httpContentFormat: 'JSONLINES' }),
  ...(kind === 'datadog' && { datadogRegion: 'us' }),
  ...(kind === 'mixpanel' && { mixpanelRegion: 'us' }),
  ...(kind === 'splunk' && { splunkPort: '8088', splunkSecure: true }),
});

const FORMS: Record<string, [RegExp, string]> = {
  httpEndpoint: [/^https:\/\/[^/\s]+/, text.faults.https],
  sumoSourceAddress: [/^https:\/\/[^/\s]+/, text.faults.https],
  splunkDomain: [/^[^/\s:]+$/, text.faults.host],
  splunkPort: [/^([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])$/, text.faults.port],
  awsAccountId: [/^\d{12}$/, text.faults.account],
  awsRegion: [/^[a-z0-9]+(-[a-z0-9]+)*$/, text.faults.region],
  azureSubscriptionId: [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, text.faults.uuid],
};

const RESERVED = ['connection', 'content-length', 'content-type', 'expect', 'host', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** What keeps a header from being sent. */
export function headerFault(headers: { header: string }[], row: number, hasAuthorization: boolean): string | undefined {
  const name = headers[row]!.header.trim().toLowerCase();
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || RESERVED.includes(name) || (name === 'authorization' && hasAuthorization)) return text.settings.headerBad;
  return headers.slice(0, row).some(({ header }) => header.trim().toLowerCase() === name) ? text.settings.headerTwice : undefined;
}

/** What keeps a sink from being stored, by path; a secret that is stored may stay untold. */
export function sinkFaults(kind: StreamKind, sink: Sink): Record<string, string | undefined> {
  const faults: Record<string, string | undefined> = {};
  for (const { name, secret, optional } of MEMBERS[kind]) {
    const value = String(sink[name] ?? '').trim();
    if (secret === true && value === KEPT) continue;
    if (value === '') {
      if (optional !== true) faults[`sink.${name}`] = text.faults.missing;
    } else if (FORMS[name]?.[0].test(value) === false) {
      faults[`sink.${name}`] = FORMS[name]![1];
    }
  }
  const headers = sink.httpCustomHeaders ?? [];
  const hasAuthorization = sink['httpAuthorization'] !== undefined;
  const fault = headers.map((_, row) => headerFault(headers, row, hasAuthorization)).find((fault) => fault !== undefined);
  return { ...faults, 'sink.httpCustomHeaders': fault };
}
