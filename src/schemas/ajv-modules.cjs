"use strict";
// CommonJS on purpose: `require` inside a function is the only way to load a package late, at once and
// synchronously that also works when the program is bundled. Ajv costs 25 ms that a start need not pay.
exports.loadAjv2020 = () => require("ajv/dist/2020.js").Ajv2020;
exports.loadAjv2019 = () => require("ajv/dist/2019.js").Ajv2019;
exports.loadAjvDraft7 = () => require("ajv").Ajv;
exports.loadAjvFormats = () => require("ajv-formats").default;
