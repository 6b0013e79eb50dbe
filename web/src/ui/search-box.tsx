import { Search, X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { inputClasses } from "./field.tsx";

const pauseMs = 250;

export interface SearchBoxProps {
  readonly label: string;
  /** What is searched for now, as the address says it. */
  readonly value: string;
  /** Called when somebody pauses typing, or presses Enter. */
  readonly onSearch: (text: string) => void;
}

export function SearchBox({ label, value, onSearch }: SearchBoxProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const [typed, setTyped] = useState(value);
  const search = useRef(onSearch);
  search.current = onSearch;
  // Whoever goes back in the history sees what was searched for then.
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return undefined;
    const timer = setTimeout(() => search.current(typed.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return (
    <form
      role="search"
      className="relative mb-4 max-w-sm"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(typed.trim());
      }}
    >
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <Search aria-hidden="true" className="pointer-events-none absolute top-3 left-3 size-4 text-soft" />
      <input
        id={id}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        className={`${inputClasses} px-9`}
      />
      {typed !== "" && (
        <button
          type="button"
          aria-label={t("action.clear")}
          onClick={() => setTyped("")}
          className="absolute top-1 right-1 grid size-8 place-items-center rounded-md text-soft hover:bg-sunken"
        >
          <X aria-hidden="true" className="size-4" />
        </button>
      )}
    </form>
  );
}
