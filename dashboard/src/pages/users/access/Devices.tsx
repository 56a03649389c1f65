import { useQuery } from '@tanstack/react-query';
import { devicesQuery, removeDevice, type DeviceCredential } from '../../../api/userAccess';
import type { User } from '../../../api/users';
import { user as words } from '../../../text/user';
import type { Column } from '../../../ui';
import { useClientNames } from '../clientNames';
import { App, Endable } from './parts';

const text = words.access;

export function Devices({ user }: { user: User }) {
  const read = useQuery(devicesQuery(user.user_id));
  const nameOf = useClientNames((read.data ?? []).map(({ client_id }) => client_id));
  const deviceName = ({ device_name, device_id }: DeviceCredential) => device_name ?? device_id ?? text.unknownDevice;
  const columns: Column<DeviceCredential>[] = [
    { key: 'device', header: text.device, cell: (device) => <span className="strong anywhere">{deviceName(device)}</span> },
    { key: 'application', header: text.application, cell: ({ client_id }) => <App id={client_id} name={nameOf(client_id)} /> },
  ];
  return (
    <Endable
      label={text.devices} read={read} rows={read.data} columns={columns} empty={text.devicesEmpty}
      ending={{ verb: text.remove, scopes: ['delete:device_credentials'], name: deviceName, title: text.deviceTitle, effect: text.deviceEffect, end: ({ id }) => removeDevice(id), done: text.deviceDone }}
    />
  );
}
