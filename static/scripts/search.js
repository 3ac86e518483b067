// Long lists become searchable by typing. The list itself stays what is sent, and stays as it is where this script fails.
import accessibleAutocomplete from "accessible-autocomplete";

const LANGUAGES = ["nl", "fr", "de", "en"];
const MOST = 60;
const lists = new Map();
const attached = new WeakSet();

/** A text as people look it up: without accents, capitals or marks between words. */
function fold(text) {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/ß/g, "ss").replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

// Names in all languages come once for each list; without them the names on the page are searched.
function namesIn(address) {
  if (!lists.has(address)) {
    lists.set(address, fetch(address, { credentials: "omit" }).then((answer) => (answer.ok ? answer.json() : {})).catch(() => ({})));
  }
  return lists.get(address);
}

function choice(value, label, names) {
  const all = names.map((name, at) => ({ text: name, folded: fold(name), lang: LANGUAGES[at] }));
  return { value, label, own: fold(label), names: all };
}

function optionsOf(select, names) {
  return [...select.options].filter((option) => option.value).map((option) => {
    const group = option.parentElement.label;
    const heading = group && select.dataset.searchGroups === "with" ? `${option.text}, ${group}` : option.text;
    return choice(option.value, heading, names[option.value] ?? []);
  });
}

// 0 for a name that begins as typed, 1 for a word that does, 2 for a part of one; nothing when a word is missing.
function rank(text, query, words) {
  if (!words.every((word) => text.includes(word))) return undefined;
  if (text.startsWith(query)) return 0;
  return words.every((word) => ` ${text}`.includes(` ${word}`)) ? 1 : 2;
}

/** The choices that fit what was typed, the nearest first; `name` is the one in another language that did. */
function find(choices, typed) {
  const query = fold(typed);
  const words = query.split(" ");
  const found = [];
  for (const one of choices) {
    let best = [rank(one.own, query, words), undefined];
    if (one.value.toLowerCase() === query) best = [0, undefined];
    for (const name of one.names) {
      const other = rank(name.folded, query, words);
      if (other !== undefined && (best[0] === undefined || other < best[0])) best = [other, name];
    }
    if (best[0] !== undefined) found.push({ ...one, rank: best[0], name: best[1] });
  }
  return found.sort((one, other) => one.rank - other.rank).slice(0, MOST);
}

function suggestion(one) {
  const box = document.createElement("div");
  const label = document.createElement("span");
  label.textContent = one.label;
  box.append(label);
  if (one.name && !one.own.includes(one.name.folded)) {
    const also = document.createElement("span");
    also.className = "search__also";
    also.textContent = one.name.text;
    if (one.name.lang) also.lang = one.name.lang;
    box.append(also);
  }
  // On some devices the library adds a text with a style of its own, which our content policy refuses: it ends in a comment.
  return `${box.innerHTML}<!--`;
}

function words(control) {
  const told = control.dataset;
  const notes = (control.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent.trim());
  return {
    tAssistiveHint: () => [...notes.filter(Boolean), told.searchHint].join(" "),
    tNoResults: () => told.searchNone,
    tStatusNoResults: () => told.searchNone,
    tStatusResults: (length, selected) => [length === 1 ? told.searchOne : told.searchMany.replace("{number}", length), selected].filter(Boolean).join(" "),
    tStatusSelectedOption: (selected, length, at) => told.searchAt.replace("{choice}", selected).replace("{position}", at + 1).replace("{number}", length),
  };
}

function look(control, options) {
  return {
    cssNamespace: "search",
    displayMenu: "overlay",
    confirmOnBlur: false,
    templates: { inputValue: (one) => one?.label ?? one ?? "", suggestion: (one) => (one.label ? suggestion(one) : "") },
    inputClasses: control.matches(".govuk-select--error, .govuk-input--error") ? "search__input--error" : null,
    dropdownArrow: ({ className }) => `<svg class="${className}" viewBox="0 0 20 12" aria-hidden="true" focusable="false"><path fill="currentColor" d="M10 12 0 2l2-2 8 8 8-8 2 2z"/></svg>`,
    ...words(control),
    ...options,
  };
}

// What was typed counts when it names one choice, in any language or by its code; else nothing is chosen, and the server asks again.
function settle(select, input, choices) {
  const typed = fold(input.value);
  const meant = choices.filter((one) => [one.own, one.value.toLowerCase(), ...one.names.map((name) => name.folded)].includes(typed));
  choose(select, (meant.find((one) => one.value === select.value) ?? (meant.length === 1 ? meant[0] : undefined))?.value ?? "");
}

function choose(select, value) {
  if (select.value === value) return;
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

function enhanceSelect(select) {
  let choices = optionsOf(select, {});
  const ready = () => namesIn(select.dataset.search).then((names) => (choices = optionsOf(select, names)));
  const current = () => choices.filter((one) => select.value && one.value === select.value);
  const chosen = () => current()[0]?.label ?? "";
  // What is chosen comes first, so that Enter keeps it.
  const all = () => [...current(), ...choices.filter((one) => !current().includes(one))];
  const place = document.createElement("div");
  const id = select.id;
  select.before(place);
  accessibleAutocomplete(look(select, {
    element: place,
    id,
    name: "",
    defaultValue: chosen(),
    autoselect: true,
    showAllValues: true,
    onConfirm: (one) => one && choose(select, one.value),
    source: (typed, show) => (!typed || typed === chosen() ? show(all()) : ready().then(() => show(find(choices, typed)))),
  }));
  const input = place.querySelector("input");
  // Whoever was at the list already goes on in the box.
  if (document.activeElement === select) input.focus();
  select.id = `${id}-list`;
  select.hidden = true;
  input.addEventListener("focus", ready, { once: true });
  settleLater(input, () => settle(select, input, choices));
}

// The text box is no answer of its own: its changes are kept from the form, which hears those of the list.
function settleLater(input, end) {
  let typed = false;
  const settleTyped = () => {
    if (typed) end();
    typed = false;
  };
  input.addEventListener("input", () => (typed = true));
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("blur", (event) => {
    if (!input.parentElement.contains(event.relatedTarget)) settleTyped();
  });
  input.form?.addEventListener("submit", settleTyped, { capture: true });
}

// A name that is typed is sent as it was typed; the list only helps to write it, and goes once a name is whole.
function enhanceInput(original) {
  const place = document.createElement("div");
  const form = original.form;
  const near = () => form?.elements[original.dataset.searchNear]?.value.trim();
  const language = LANGUAGES.indexOf(document.documentElement.lang);
  const offered = (names) => Object.entries(names).map(([value, all]) => choice(value, all[language] ?? all[0], all));
  const nearest = (found) => found.sort((one, other) => isNear(other, near()) - isNear(one, near())).slice(0, 12);
  const whole = (found, typed) => found.some((one) => one.names.some((name) => name.folded === fold(typed)));
  original.before(place);
  accessibleAutocomplete(look(original, {
    element: place,
    id: original.id,
    name: original.name,
    defaultValue: original.value,
    minLength: 2,
    showNoOptionsFound: false,
    source: (typed, show) => namesIn(original.dataset.search).then((names) => {
      const found = find(offered(names), typed);
      show(whole(found, typed) ? [] : nearest(found));
    }),
  }));
  const input = place.querySelector("input");
  if (original.autocomplete) input.autocomplete = original.autocomplete;
  input.addEventListener("focus", () => namesIn(original.dataset.search), { once: true });
  original.remove();
}

function isNear(one, code) {
  return Number(Boolean(code) && one.names.some((name) => name.text === code));
}

/** Make every long list and every name of a place below `scope` searchable. */
export function enhance(scope) {
  for (const control of scope.querySelectorAll("[data-search]")) {
    if (attached.has(control)) continue;
    attached.add(control);
    if (control instanceof HTMLSelectElement) enhanceSelect(control);
    else enhanceInput(control);
  }
}
