import { nameOf } from '../../api/users';
import { user as words } from '../../text/user';
import { CodeBlock } from '../../ui';
import { pretty } from './metadata';
import { useUser } from './useUser';

const text = words.json;

export default function Raw() {
  const { user } = useUser();
  return (
    <div className="stack tight tall-code">
      <p className="muted">{text.lead}</p>
      <CodeBlock what={text.what(nameOf(user))} code={pretty(user)} />
    </div>
  );
}
