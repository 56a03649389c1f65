// The form of an application's settings: what its fields are called, and what keeps them from being saved.
import { clientQuery, updateClient, type Client } from '../../../api/clients';
import type { Versioned } from '../../../api/http';
import { queryClient } from '../../../api/query';
import { application } from '../../../text/application';
import { ui } from '../../../text/ui';
import { durationFault, pairsFault, urlsFault } from '../../../ui';
import { useForm, type Form } from '../../../ui/useForm';
import { urlFault } from '../../../lib/urls';

export type SettingsForm = Form<Client>;

/** What a production tenant looks at twice. */
export const RISKY = [
  'callbacks', 'web_origins', 'allowed_origins', 'allowed_clients', 'grant_types', 'is_token_endpoint_ip_header_trusted', 'oidc_conformant', 'cross_origin_authentication', 'oidc_logout.backchannel_logout_urls', 'require_proof_of_possession', 'jwt_configuration.alg', 'app_type',
];

const LONGEST = 157_788_000;

function check(draft: Client): Record<string, string | undefined> {
  const { refresh_token: refresh } = draft;
  const isRotating = refresh?.rotation_type === 'rotating';
  return {
    name: draft.name.trim() === '' ? ui.nameMissing : /[<>]/.test(draft.name) ? ui.angleBrackets : undefined,
    description: [...(draft.description ?? '')].length > 140 ? ui.tooLong(140) : undefined,
    logo_uri: urlFault(draft.logo_uri ?? '', [], 'url') === undefined ? undefined : ui.urlInvalid,
    initiate_login_uri: urlFault(draft.initiate_login_uri ?? '', [], 'https') === undefined ? undefined : ui.httpsOnly,
    callbacks: urlsFault(draft.callbacks),
    allowed_logout_urls: urlsFault(draft.allowed_logout_urls),
    'oidc_logout.backchannel_logout_urls': urlsFault(draft.oidc_logout?.backchannel_logout_urls, 'exact'),
    cross_origin_loc: urlFault(draft.cross_origin_loc ?? '', [], 'url') === undefined ? undefined : ui.urlInvalid,
    par_request_expiry: draft.par_request_expiry === undefined || draft.par_request_expiry === null ? undefined : durationFault(draft.par_request_expiry, { least: 10, most: 600 }),
    web_origins: urlsFault(draft.web_origins, 'origin'),
    allowed_origins: urlsFault(draft.allowed_origins, 'origin'),
    client_metadata: pairsFault(draft.client_metadata),
    'jwt_configuration.lifetime_in_seconds':
      draft.jwt_configuration?.lifetime_in_seconds === undefined ? undefined : durationFault(draft.jwt_configuration.lifetime_in_seconds, { most: 2_592_000 }),
    'refresh_token.leeway': isRotating ? durationFault(refresh.leeway ?? 0, { least: 0 }) : undefined,
    'refresh_token.token_lifetime': refresh?.infinite_token_lifetime === false ? durationFault(refresh.token_lifetime, { most: LONGEST }) : undefined,
    'refresh_token.idle_token_lifetime': refresh?.infinite_idle_token_lifetime === false ? durationFault(refresh.idle_token_lifetime, { most: LONGEST }) : undefined,
    'refresh_token.expiration_type': isRotating && refresh.expiration_type !== 'expiring' ? application.settings.rotationNeedsExpiry : undefined,
  };
}

/** The server takes no empty texts here; what is empty is left out. */
function prune(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).map(([key, inner]) => [key, prune(inner)] as const);
  return Object.fromEntries(kept.filter(([, inner]) => !(inner === '' || inner === undefined || (Array.isArray(inner) && inner.length === 0) || (typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0))));
}

export function useSettingsForm(read: Versioned<Client>): SettingsForm {
  const id = read.value.client_id;
  return useForm<Client>({
    key: `clients/${id}`,
    history: { kind: 'clients', id: id },
    read,
    within: `/applications/${id}`,
    path: `/api/v2/clients/${id}`,
    labels: application.fields,
    merged: ['client_metadata', 'jwt_configuration', 'refresh_token'],
    check,
    reload: () => queryClient.fetchQuery({ ...clientQuery(id), staleTime: 0 }),
    save: (patch, etag) => {
      const body = { ...patch };
      if (typeof body['name'] === 'string') body['name'] = body['name'].trim();
      if ('mobile' in body) body['mobile'] = prune(body['mobile'] ?? {});
      return updateClient(id, body, etag);
    },
  });
}
