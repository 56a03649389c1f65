// The components that pages are built of. `Chart` and `useForm`'s bar are imported from their own files, so that pages
// without them do not load them.
export { Allowed, refusal } from './Allowed';
export { announce, toast } from './announce';
export { Button, ButtonLink, IconButton } from './Button';
export { classes } from './classes';
export { CodeBlock, CodeTabs, type Snippet } from './CodeBlock';
export { CopyButton, CopyLine, copyText } from './CopyButton';
export { DataTable, type Column } from './DataTable';
export { ConfirmDialog, Dialog, Drawer, ShownOnceDialog } from './Dialog';
export { download } from './download';
export { DurationField, durationFault } from './DurationField';
export { Checkbox, Field, FieldError, RadioCards, Select, Switch, TextArea, TextField, type Card, type Option } from './fields';
export { FilterInput } from './FilterInput';
export { inspect } from './inspect';
export { KeyValueField, pairsFault } from './KeyValueField';
export { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from './Menu';
export { PageHeader, useTitle } from './PageHeader';
export { ScopePicker } from './ScopePicker';
export { Section } from './Section';
export { useSearchParam, useSearchParams, type Search } from './search';
export { Segments } from './Segments';
export { SecretField, useSecret } from './SecretField';
export { Sparkline } from './Sparkline';
export { Badge, EmptyState, ErrorPanel, LiveDot, Nothing, Notice, ReadOnly, Skeleton, StatTile, wordsOf } from './states';
export { Tabs } from './Tabs';
export { trustNote, type Platform } from './Trust';
export { UrlListField, urlsFault } from './UrlListField';
