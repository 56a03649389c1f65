// The sample: an API with two permissions and a machine application that holds both.
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { createGrant } from '../../api/clientGrants';
import { createClient } from '../../api/clients';
import { ApiError, get } from '../../api/http';
import { createResourceServer, type ResourceServer } from '../../api/resourceServers';
import { applications } from '../../text/applications';
import { toast, wordsOf } from '../../ui';

const words = applications.list;

async function sampleApi(): Promise<ResourceServer> {
  const scopes = words.sampleScopes.map(([value, description]) => ({ value, description }));
  try {
    return await createResourceServer({ name: words.sampleApi, identifier: words.sampleIdentifier, scopes });
  } catch (error) {
    // It may be there from before.
    if (!(error instanceof ApiError) || error.statusCode !== 409) throw error;
    return get(`/api/v2/resource-servers/${encodeURIComponent(words.sampleIdentifier)}`);
  }
}

/** What a new machine application consists of. */
export const MACHINE = {
  app_type: 'non_interactive',
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'client_secret_post' as const,
  oidc_conformant: true,
  jwt_configuration: { alg: 'RS256', lifetime_in_seconds: 36000 },
};

export async function makeSample(): Promise<string> {
  const api = await sampleApi();
  const client = await createClient({ name: words.sampleName, ...MACHINE });
  await createGrant({ client_id: client.client_id, audience: api.identifier, scope: words.sampleScopes.map(([value]) => value) });
  return client.client_id;
}

export function useSample() {
  const navigate = useNavigate();
  const [isBusy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    try {
      const clientId = await makeSample();
      await navigate({ to: '/applications/$clientId/quickstart', params: { clientId } });
    } catch (error) {
      toast(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, make };
}
