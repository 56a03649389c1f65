// What is told of each person in an export, as people write it down.

export type Field = { name: string; export_as?: string };

/** `email, E-mail` a line. */
export const fieldsIn = (lines: string): Field[] =>
  lines.split('\n').map((line) => line.trim()).filter((line) => line !== '').map((line) => {
    const [name = '', ...rest] = line.split(',');
    const as = rest.join(',').trim();
    return { name: name.trim(), ...(as !== '' && { export_as: as }) };
  });
