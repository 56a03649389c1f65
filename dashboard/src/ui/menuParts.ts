// What menus are made of, in a file of its own so that it is loaded only when one is opened.
export { DropdownMenu as Radix } from 'radix-ui';
