// What keeps the tenant's settings from being saved.
import { tenant as text } from '../../text/tenant';
import { durationFault } from '../../ui/DurationField';
import { urlsFault } from '../../ui/UrlListField';
import type { TenantDraft } from './form';

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function check(draft: TenantDraft): Record<string, string | undefined> {
  const { faults } = text;
  const url = (value: string | undefined) => (!value || /^[a-z][a-z0-9+.-]*:\/\/[^/\s]+\S*$/i.test(value) ? undefined : faults.url);
  const page = draft.error_page;
  return {
    picture_url: url(draft.picture_url),
    support_email: !draft.support_email || EMAIL.test(draft.support_email) ? undefined : faults.email,
    support_url: url(draft.support_url),
    'error_page.url': page?.url === undefined ? undefined : page.url === '' ? faults.missing : url(page.url),
    default_redirection_uri: !draft.default_redirection_uri || /^https:\/\/[^/\s]+\S*$/i.test(draft.default_redirection_uri) ? undefined : faults.https,
    allowed_logout_urls: urlsFault(draft.allowed_logout_urls),
    session_lifetime: lifetime(draft.session_lifetime),
    idle_session_lifetime: lifetime(draft.idle_session_lifetime),
    ephemeral_session_lifetime: lifetime(draft['ephemeral_session_lifetime'] as number | undefined),
    idle_ephemeral_session_lifetime: lifetime(draft['idle_ephemeral_session_lifetime'] as number | undefined),
    'default_token_quota.clients': quotaFault(draft.default_token_quota?.clients),
    'default_token_quota.organizations': quotaFault(draft.default_token_quota?.organizations),
    'device_flow.mask': !draft.device_flow?.mask || /^[*\- ]{1,20}$/.test(draft.device_flow.mask) && draft.device_flow.mask.includes('*') ? undefined : text.device.maskInvalid,
  };
}

/** Sessions are kept in hours and end on a minute. */
function lifetime(hours: number | undefined): string | undefined {
  if (hours === undefined) return undefined;
  const seconds = Math.round(hours * 3600);
  return durationFault(seconds, { least: 60 }) ?? (seconds % 60 === 0 ? undefined : text.sessions.wholeMinutes);
}

function quotaFault(of: { client_credentials: { per_hour?: number; per_day?: number } } | undefined): string | undefined {
  const { per_hour: hour, per_day: day } = of?.client_credentials ?? {};
  return [hour, day].every((limit) => limit === undefined || limit >= 1) ? undefined : text.quotas.bad;
}
