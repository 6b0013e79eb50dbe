import type { Ajv } from "ajv";
import type { Ajv2019 } from "ajv/dist/2019.js";
import type { Ajv2020 } from "ajv/dist/2020.js";
import type { FormatsPlugin } from "ajv-formats";

/** Each loads its package at the first call. */
export function loadAjv2020(): typeof Ajv2020;
export function loadAjv2019(): typeof Ajv2019;
export function loadAjvDraft7(): typeof Ajv;
export function loadAjvFormats(): FormatsPlugin;
