import type { ReactNode } from "react";

/** The heading of a page, which is also the title of the tab, with what can be done on the page. */
export function PageHeader(props: {
  readonly title: string;
  readonly text?: ReactNode;
  readonly children?: ReactNode;
}): ReactNode {
  const { title, text, children } = props;
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
      <title>{`${title} · Passerelle`}</title>
      <div className="min-w-0">
        <h1 className="text-2xl font-semibold tracking-tight break-words">{title}</h1>
        {text !== undefined && <p className="mt-1 max-w-prose text-soft">{text}</p>}
      </div>
      {children !== undefined && <div className="flex flex-wrap gap-2">{children}</div>}
    </header>
  );
}
