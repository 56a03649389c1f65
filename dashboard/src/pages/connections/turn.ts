// Connections that are on or off for an application.
import type { Client } from '../../api/clients';
import { enableFor, type Connection } from '../../api/connections';
import { connections } from '../../text/connections';
import { toast, wordsOf } from '../../ui';

const text = connections.applications;

/** Turns a connection on or off for an application, at once, and offers to undo it. */
export async function turn(connection: Pick<Connection, 'id' | 'name'>, client: Pick<Client, 'client_id' | 'name'>, isOn: boolean): Promise<void> {
  try {
    await enableFor(connection.id, client.client_id, isOn);
    toast((isOn ? text.enabled : text.disabled)(connection.name, client.name), { undo: () => turn(connection, client, !isOn) });
  } catch (error) {
    toast(wordsOf(error));
  }
}

/** Whether people log in with an application at all. */
export const signsPeopleIn = ({ grant_types: grants }: Pick<Client, 'grant_types'>): boolean =>
  grants === undefined || grants.some((grant) => !['client_credentials', 'refresh_token'].includes(grant));
