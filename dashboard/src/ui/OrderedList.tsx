// A list whose order people choose: rows are dragged by their handle, or moved by two buttons, which keep the focus.
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { order as text } from '../text/order';
import { announce } from './announce';
import { IconButton } from './Button';
import { classes } from './classes';
import { ArrowDown, ArrowUp, GripVertical } from './icons';
import './ordered.css';

type Way = 'up' | 'down';

export function OrderedList<Row extends { id: string; name: string }>({ label, rows, onOrder, cell, more }: {
  label: string;
  rows: Row[];
  /** Without it the order is only shown. */
  onOrder?: ((rows: Row[]) => void) | undefined;
  cell: (row: Row) => ReactNode;
  /** What else can be done with a row. */
  more?: (row: Row) => ReactNode;
}) {
  const list = useRef<HTMLOListElement>(null);
  // The button that was pressed goes along with its row, and keeps the focus where it can.
  const focus = useRef<{ id: string; way: Way }>(undefined);
  const [dragged, setDragged] = useState<string>();
  const [place, setPlace] = useState<number>();
  useEffect(() => {
    const wanted = focus.current;
    focus.current = undefined;
    if (wanted === undefined) return;
    const buttons = [...(list.current?.querySelectorAll<HTMLButtonElement>(`[data-row="${CSS.escape(wanted.id)}"] [data-way]`) ?? [])];
    (buttons.find((button) => button.dataset['way'] === wanted.way && !button.disabled) ?? buttons.find((button) => !button.disabled))?.focus();
  }, [rows]);
  /** `to` is the place before which it comes to stand. */
  const move = (from: number, to: number) => {
    const row = rows[from];
    const now = to > from ? to - 1 : to;
    if (row === undefined || now === from || now < 0 || now >= rows.length) return;
    onOrder?.(rows.toSpliced(from, 1).toSpliced(now, 0, row));
    announce(text.moved(row.name, now + 1, rows.length));
  };
  const press = (index: number, way: Way) => {
    focus.current = { id: rows[index]!.id, way };
    move(index, way === 'up' ? index - 1 : index + 2);
  };
  const over = (event: DragEvent<HTMLLIElement>, index: number) => {
    if (dragged === undefined) return;
    event.preventDefault();
    const { top, height } = event.currentTarget.getBoundingClientRect();
    setPlace(event.clientY < top + height / 2 ? index : index + 1);
  };
  const end = () => {
    setDragged(undefined);
    setPlace(undefined);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    if (place !== undefined) move(rows.findIndex(({ id }) => id === dragged), place);
    end();
  };
  return (
    <ol className="ordered" aria-label={label} ref={list}>
      {rows.map((row, index) => (
        <li
          key={row.id} data-row={row.id} onDragOver={(event) => over(event, index)} onDrop={drop}
          className={classes(dragged === row.id && 'dragged', dragged !== undefined && place === index && 'before', dragged !== undefined && place === index + 1 && 'after')}
        >
          {onOrder !== undefined && (
            <span
              className="grip" draggable title={text.drag} aria-hidden onDragEnd={end}
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = 'move';
                event.dataTransfer.setData('text/plain', row.name);
                event.dataTransfer.setDragImage(event.currentTarget.parentElement!, 12, 12);
                setDragged(row.id);
              }}
            >
              <GripVertical className="icon" size={16} />
            </span>
          )}
          <span className="place number" aria-hidden>{index + 1}</span>
          <div className="grow">{cell(row)}</div>
          <span className="row nowrap">
            {onOrder !== undefined && <IconButton icon={ArrowUp} label={text.up(row.name)} data-way="up" disabled={index === 0} onClick={() => press(index, 'up')} />}
            {onOrder !== undefined && <IconButton icon={ArrowDown} label={text.down(row.name)} data-way="down" disabled={index === rows.length - 1} onClick={() => press(index, 'down')} />}
            {more?.(row)}
          </span>
        </li>
      ))}
    </ol>
  );
}
