import { CodeBlock } from '../../ui';

/** A token, decoded and explained; in the drawer over any page, and on the inspector's own. */
export default function Inspect({ token = '' }: { token?: string; audience?: string; scope?: string }) {
  return <CodeBlock code={token} what="token" />;
}
