import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps, ReactNode } from "react";
import { classNames } from "./class-names.ts";

const buttonClasses = cva(
  "inline-flex items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors disabled:opacity-55 disabled:cursor-not-allowed [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        main: "bg-accent text-accent-ink hover:opacity-90",
        plain: "border border-line bg-panel text-ink hover:bg-sunken",
        quiet: "text-soft hover:bg-sunken hover:text-ink",
        danger: "bg-bad text-panel hover:opacity-90",
      },
      size: { normal: "h-10 px-4", small: "h-9 px-3 text-sm", icon: "size-10" },
    },
    defaultVariants: { look: "plain", size: "normal" },
  },
);

export type ButtonLook = VariantProps<typeof buttonClasses>;

export function Button({
  look,
  size,
  className,
  type = "button",
  ...rest
}: ComponentProps<"button"> & ButtonLook): ReactNode {
  return <button type={type} className={classNames(buttonClasses({ look, size }), className)} {...rest} />;
}

/** The classes of a button, for links that look like one. */
export function buttonLook(look: ButtonLook): string {
  return buttonClasses(look);
}
