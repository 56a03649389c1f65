// What the setup page asked for and only the signed-in dashboard can do: the sample, and the tenant's environment.
import { useEffect, useState } from 'react';
import { config, type Environment } from '../../api/config';
import { get } from '../../api/http';
import type { ResourceServerPage } from '../../api/resourceServers';
import { updateTenant } from '../../api/tenant';
import { environment } from '../../shell/environment';
import { home as text } from '../../text/home';
import { announce, useSearchParams } from '../../ui';

const ENVIRONMENTS: string[] = ['development', 'staging', 'production'] satisfies Environment[];

/** Without an API of one's own there is nothing that the sample could stand beside. */
async function addSample(): Promise<boolean> {
  const { resource_servers } = await get<ResourceServerPage>('/api/v2/resource-servers', { per_page: 100, include_totals: true });
  if (resource_servers.some((api) => api.is_system !== true)) return false;
  const { makeSample } = await import('../applications/sample');
  await makeSample();
  return true;
}

async function carryOut(sample: boolean, tag: string | undefined): Promise<boolean> {
  if (tag !== undefined && ENVIRONMENTS.includes(tag) && tag !== environment.now()) {
    await updateTenant(config.tenant.name, { environment: tag as Environment });
    environment.set(tag as Environment);
  }
  return sample && (await addSample());
}

// Once for the page, however often it is drawn.
let begun: Promise<boolean> | undefined;

/** Does it once, and takes the parameters out of the address; what goes wrong is told. */
export function useWelcome(): { isBusy: boolean; isWelcomed: boolean; error: unknown; retry: () => void } {
  const [search, setSearch] = useSearchParams();
  const { welcome, sample, environment: tag } = search;
  const [isBusy, setBusy] = useState(welcome === '1');
  const [error, setError] = useState<unknown>();
  const [isWelcomed, setWelcomed] = useState(false);
  const isWelcome = welcome === '1';
  useEffect(() => {
    if (!isWelcome || error !== undefined) return;
    begun ??= carryOut(sample === '1', tag);
    begun
      .then((isMade) => {
        if (isMade) announce(text.sampleMade);
        setWelcomed(true);
        setSearch({ welcome: undefined, sample: undefined, environment: undefined });
      }, setError)
      .finally(() => {
        begun = undefined;
        setBusy(false);
      });
  }, [isWelcome, sample, tag, error, setSearch]);
  const retry = () => {
    setBusy(true);
    setError(undefined);
  };
  return { isBusy, isWelcomed, error, retry };
}
