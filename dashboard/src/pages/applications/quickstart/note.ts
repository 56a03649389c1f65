import { trustNote } from '../../../ui';
import type { Language } from './request';

/** How a program in this language comes to trust the server; a command says it itself. */
export const noteOf = (language: Language) => (language === 'curl' ? undefined : trustNote(language === 'csharp' ? 'dotnet' : language));
