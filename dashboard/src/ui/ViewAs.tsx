import { useState } from 'react';
import { urlOf } from '../api/http';
import { curl } from '../lib/curl';
import { ui } from '../text/ui';
import { Button } from './Button';
import { CodeBlock } from './CodeBlock';
import { Dialog } from './Dialog';
import { ChevronDown } from './icons';
import { Menu, MenuItem } from './Menu';

type FormOf = 'JSON' | 'cURL' | 'Terraform';

/**
 * The same object in other words. `path` reads it, `terraform` is its resource (`auth0_client`); `object` must hold no
 * secret.
 */
export function ViewAs({ name, path, object, terraform, leaveOut = [] }: {
  name: string;
  path: string;
  object: object;
  terraform: { resource: string; id: string };
  /** Fields that Terraform does not take, because the server sets them. */
  leaveOut?: string[];
}) {
  const [form, setForm] = useState<FormOf>();
  const code = {
    JSON: () => JSON.stringify(object, null, 2),
    cURL: () => curl({ url: urlOf(path), headers: { authorization: 'Bearer $TOKEN' } }),
    Terraform: () => toTerraform(terraform.resource, terraform.id, name, object as Record<string, unknown>, leaveOut),
  };
  return (
    <>
      <Menu trigger={<Button>{ui.viewAs}<ChevronDown className="icon" size={14} aria-hidden /></Button>}>
        {(Object.keys(code) as FormOf[]).map((form) => <MenuItem key={form} onSelect={() => setForm(form)}>{form}</MenuItem>)}
      </Menu>
      <Dialog open={form !== undefined} onClose={() => setForm(undefined)} title={ui.viewTitle(name, form ?? '')} width={760}>
        {form !== undefined && <CodeBlock what={ui.viewTitle(name, form)} code={code[form]()} />}
      </Dialog>
    </>
  );
}

const label = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^(\d)/, '_$1').replace(/^_+$|_+$/g, '') || 'this';

function toTerraform(resource: string, id: string, name: string, object: Record<string, unknown>, leaveOut: string[]): string {
  const lines = Object.entries(object).filter(([key, value]) => !leaveOut.includes(key) && value !== null && value !== undefined);
  const body = lines.map(([key, value]) => attribute(key, value, '  ')).join('\n');
  return `# terraform import ${resource}.${label(name)} "${id}"\nresource "${resource}" "${label(name)}" {\n${body}\n}\n`;
}

function attribute(key: string, value: unknown, indent: string): string {
  // A map with keys of anybody's choice is an attribute, a structure is a block.
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !key.endsWith('metadata')) {
    const inner = Object.entries(value).filter(([, value]) => value !== null && value !== undefined);
    return `${indent}${key} {\n${inner.map(([key, value]) => attribute(key, value, `${indent}  `)).join('\n')}\n${indent}}`;
  }
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    return value.map((item) => attribute(key, item, indent)).join('\n');
  }
  return `${indent}${key} = ${literal(value, indent)}`;
}

function literal(value: unknown, indent: string): string {
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('${', '$${').replaceAll('%{', '%%{');
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, indent)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{\n${Object.entries(value).map(([key, value]) => `${indent}  ${JSON.stringify(key)} = ${literal(value, indent)}`).join('\n')}\n${indent}}`;
  }
  return String(value);
}
