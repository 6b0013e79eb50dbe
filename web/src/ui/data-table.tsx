import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** Hidden on narrow screens. */
  readonly isExtra?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

export interface DataTableProps<Row> {
  /** What screen readers call the table. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
}

/** A table; its first column names the row. */
export function DataTable<Row>({ label, columns, rows, rowKey }: DataTableProps<Row>): ReactNode {
  return (
    <div className="overflow-hidden rounded-2xl border border-line bg-panel">
      <table aria-label={label} className="w-full text-left">
        <thead className="border-b border-line bg-sunken/60 text-xs text-soft">
          <tr>
            {columns.map(({ key, title, isExtra }) => (
              <th key={key} scope="col" className={cellClasses("py-2.5 font-medium", isExtra)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b border-line last:border-0 hover:bg-sunken/50">
              {columns.map(({ key, cell, isExtra }, index) =>
                index === 0 ? (
                  <th key={key} scope="row" className={cellClasses("py-3.5 font-normal", isExtra)}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={key} className={cellClasses("py-3.5", isExtra)}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellClasses(own: string, isExtra: boolean | undefined): string {
  return classNames("px-3 align-middle first:pl-5 last:pr-5", own, isExtra === true && "hidden md:table-cell");
}
