import { useQuery } from '@tanstack/react-query';
import { connectionQuery, connectionsOfPeople, type Connection } from '../../api/connections';

/** A connection by its name, with its options; nothing until it is read, and to those who may not read connections. */
export function useConnectionNamed(name: string | undefined): Connection | undefined {
  const all = useQuery(connectionsOfPeople());
  const id = all.data?.find((one) => one.name === name)?.id;
  return useQuery({ ...connectionQuery(id ?? ''), enabled: id !== undefined }).data?.value;
}
