// How uploads look: a row for each file, the whole of them, and what is read aloud. All words come from the page.
const AGAIN = ["cut", "busy", "refused", "foreign", "not-removed"];

/** Put values into the places of a text, such as {name}. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** Numbers, sizes and days as the page's language writes them. */
export function writer(language) {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const day = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "Europe/Brussels" });
  return {
    percent: (share) => percent.format(share),
    day: (moment) => day.format(new Date(moment)),
    size: (bytes) => (bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${number.format(Math.round(bytes / 1000))} kB` : `${number.format(bytes / 1e6)} MB`),
  };
}

// Whole percent, rounded down: only what is there reads as 100.
function share(sent, size) {
  return size ? Math.floor((sent / size) * 100) / 100 : 1;
}

/** What a file's row says of it. */
export function words(transfer, told, format) {
  const { state, reason, sent, size, expires } = transfer;
  const values = { percent: format.percent(share(sent, size)), sent: format.size(sent), size: format.size(size), day: expires && format.day(expires) };
  if (state === "failed" && transfer.told) return transfer.told;
  if (state === "sending" && sent === size) return told["state-storing"];
  return fill(told[`state-${state}-${reason}`] ?? told[`state-${state}`], values);
}

/** The texts that the page brings in its attributes, by their names there. */
export function texts(form) {
  const found = [...form.attributes].filter((one) => one.name.startsWith("data-say-"));
  return Object.fromEntries(found.map((one) => [one.name.slice("data-say-".length), one.value]));
}

function show(element, is) {
  if (element.hidden === is) element.hidden = !is;
}

// Written only when it changes, so that what reads the page aloud is not woken for nothing.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The row of a file, made from the page's model; `actions` are what its buttons do. */
export function makeRow(form, transfer, actions) {
  const item = form.querySelector("[data-upload-row]").content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(`[data-${name}]`);
  part("name").textContent = transfer.name;
  part("bar").setAttribute("aria-label", transfer.name);
  for (const hidden of item.querySelectorAll("[data-for]")) hidden.textContent = transfer.name;
  for (const [name, act] of Object.entries(actions)) part(name).addEventListener("click", () => act(transfer));
  return item;
}

/** Show in its row how a file stands. */
export function showRow(item, transfer, told, format) {
  const { state, reason } = transfer;
  const part = (name) => item.querySelector(`[data-${name}]`);
  const moving = ["queued", "sending", "waiting"].includes(state);
  const focused = item.contains(document.activeElement) ? document.activeElement : null;
  write(part("size"), format.size(transfer.size));
  write(part("state"), words(transfer, told, format));
  part("bar").value = share(transfer.sent, transfer.size) * 100;
  show(part("bar"), state !== "ready" && !(state === "failed" && !transfer.sent));
  show(part("pause"), moving);
  show(part("go-on"), state === "paused");
  show(part("again"), state === "failed" && Boolean(transfer.file) && AGAIN.includes(reason));
  show(part("remove"), state !== "done");
  item.classList.toggle("upload-file--failed", state === "failed");
  // The button that was pressed may have made way for another one.
  if (focused?.hidden) item.querySelector("button:not([hidden])")?.focus();
}

/** Show how far all files together are; one alone says so in its own row. */
export function showTotal(form, transfers, told, format) {
  const counted = transfers.filter((one) => one.state !== "unfinished" && one.state !== "ready");
  const sum = (of) => counted.reduce((total, one) => total + of(one), 0);
  const [sent, size] = [sum((one) => one.sent), sum((one) => one.size)];
  const box = form.querySelector("[data-upload-total]");
  const arrived = counted.filter((one) => one.state === "done").length;
  const has = (...states) => counted.some((one) => states.includes(one.state));
  show(box, counted.length > 1);
  write(box.querySelector("[data-state]"), fill(told.total, { arrived, files: counted.length, sent: format.size(sent), size: format.size(size) }));
  box.querySelector("[data-bar]").value = share(sent, size) * 100;
  show(box.querySelector("[data-pause-all]"), has("queued", "sending", "waiting"));
  show(box.querySelector("[data-go-on-all]"), has("paused") && !has("queued", "sending", "waiting"));
  return share(sent, size);
}
