// How the events behind a reason of refusals are found in the log: by the words that the server gives.
import { allOf } from '../../lib/lucene';
import { usage } from '../../text/usage';

const UNAUTHORIZED = 'description:Unauthorized';
const UNPROVED = 'description:"Failed client authentication"';

export const FOUND_BY: Record<string, string> = {
  // Callers never hear which of the two it was; the log has a name only for who is known.
  wrong_secret: `${UNAUTHORIZED} AND _exists_:client_name`,
  unknown_client: `${UNAUTHORIZED} AND NOT _exists_:client_name`,
  no_credentials: 'description:"Missing client_id"',
  // The log's details say the cause; a secret in the wrong place reads like a wrong one.
  wrong_method: `(${UNAUTHORIZED} OR ${UNPROVED}) AND _exists_:client_name`,
  bad_assertion: UNPROVED,
  replayed_assertion: UNPROVED,
  expired_credential: `(${UNAUTHORIZED} OR ${UNPROVED}) AND _exists_:client_name`,
  grant_type_not_allowed: 'description:"Grant type \'"*',
  unsupported_grant_type: 'description:"Grant type not supported"',
  no_audience: 'description:"No audience parameter"*',
  unknown_api: 'description:"Service not enabled"*',
  api_refuses: 'description:"Resource server "*',
  no_grant: 'description:*client-grant*',
  scope_not_granted: 'description:"Client has not been granted scopes"*',
  organization: 'description:*organization*',
};

/** What a reason is called: as the log explains it, or as the server says. */
export const nameOfReason = (reason: string, label: string): string => usage.reasonWords[reason] ?? label;

/** The query for the refusals of a reason. */
export const queryOfReason = (reason: string): string => allOf('type:feccft', FOUND_BY[reason]);
