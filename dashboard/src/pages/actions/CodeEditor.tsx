// A text editor for code. Tab indents; after Escape it leaves, as everywhere else on the page.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript, javascriptLanguage } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { bracketMatching, ensureSyntaxTree, HighlightStyle, indentOnInput, LanguageSupport, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, linter, type Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { nonce } from '../../api/config';
import { liquid } from './liquidMode';

export type Fault = { line: number };

const LANGUAGES = {
  javascript,
  /** One function without a name, as rules are. */
  function: () => new LanguageSupport(javascriptLanguage.configure({ top: 'SingleExpression' })),
  json,
  liquid: () => StreamLanguage.define(liquid),
};

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.bool, tags.null], color: 'var(--chart-5)' },
  { tag: [tags.string, tags.regexp], color: 'var(--success)' },
  { tag: tags.number, color: 'var(--chart-4)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.definition(tags.variableName)], color: 'var(--accent)' },
]);

const LOOK = EditorView.theme({
  '&': { minHeight: 'inherit', maxHeight: 'inherit', color: 'var(--text)', backgroundColor: 'var(--bg)', border: '1px solid var(--line-strong)', borderRadius: 'var(--radius)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--ring)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', minHeight: 'inherit', flex: '1 1 auto', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { minHeight: 'inherit !important', backgroundColor: 'var(--panel)', color: 'var(--muted)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--selected)' },
});

/** What is typed over a selection: a browser would give it the look of what was there, as a style that the policy refuses. */
const REPLACED = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    if (event.inputType !== 'insertText' || event.data === null || view.state.selection.main.empty || view.state.readOnly) return false;
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
    event.preventDefault();
    return true;
  },
});

/** How long, in milliseconds, code may take to be read to its end; what takes longer is the server's to judge. */
const PATIENCE = 500;

/** The first place that cannot be parsed. What is out of sight is not parsed by itself, and would look cut off. */
function faultsOf(view: EditorView): Diagnostic[] {
  let found: Diagnostic[] = [];
  ensureSyntaxTree(view.state, view.state.doc.length, PATIENCE)?.iterate({
    enter: (node) => {
      if (found.length > 0) return false;
      if (node.type.isError) found = [{ from: node.from, to: Math.min(Math.max(node.to, node.from + 1), view.state.doc.length), severity: 'error', message: 'Syntax error' }];
      return undefined;
    },
  });
  return found;
}

export default function CodeEditor({ label, describedBy, language, value, onChange, onFault, height = 360 }: {
  label: string;
  describedBy?: string;
  language: keyof typeof LANGUAGES;
  value: string;
  /** Without it the text can only be read. */
  onChange?: ((value: string) => void) | undefined;
  /** Hears of the first syntax error, or that there is none. */
  onFault?: (fault: Fault | undefined) => void;
  height?: number;
}) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const told = useRef({ onChange, onFault });
  told.current = { onChange, onFault };
  const isReadOnly = onChange === undefined;
  useEffect(() => {
    const lint = linter((view) => {
      const faults = faultsOf(view);
      told.current.onFault?.(faults[0] === undefined ? undefined : { line: view.state.doc.lineAt(faults[0].from).number });
      return faults;
    }, { delay: 150 });
    const made = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(nonce),
          lineNumbers(), history(), drawSelection(), highlightActiveLine(), indentOnInput(), bracketMatching(),
          LANGUAGES[language](), syntaxHighlighting(COLOURS), LOOK, ...(language === 'liquid' ? [] : [lintGutter(), lint]),
          REPLACED,
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorState.readOnly.of(isReadOnly), EditorView.editable.of(!isReadOnly),
          EditorView.contentAttributes.of({
            'aria-label': label, tabindex: '0', ...(describedBy !== undefined && { 'aria-describedby': describedBy }), ...(isReadOnly && { 'aria-readonly': 'true' }),
          }),
          EditorView.updateListener.of((update) => { if (update.docChanged) told.current.onChange?.(update.state.doc.toString()); }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
    // The rest is told through `told`, or by the effect below.
  }, [language, label, describedBy, isReadOnly]);
  useEffect(() => {
    const now = view.current;
    if (now !== undefined && now.state.doc.toString() !== value) now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value } });
  }, [value]);
  return <div ref={place} style={{ minHeight: height, maxHeight: height * 1.6 }} />;
}
