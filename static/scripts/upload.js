// Shows how far an upload is. Without this script the same form posts the same files.

const attached = new WeakSet();
const percentFormat = (locale) => new Intl.NumberFormat(locale, { style: "percent" });

function rowsFor(form, files) {
  const list = form.querySelector("[data-upload-list]");
  const model = form.querySelector("[data-upload-row]");
  list.replaceChildren();
  let before = 0;
  return files.map((file) => {
    const item = model.content.firstElementChild.cloneNode(true);
    const bar = item.querySelector("progress");
    item.querySelector("[data-name]").textContent = file.name;
    bar.setAttribute("aria-label", file.name);
    list.append(item);
    const row = { file, bar, percent: item.querySelector("[data-percent]"), before };
    before += file.size;
    return row;
  });
}

// One request carries all files in order, so each file's share follows from what has been sent.
function show(rows, loaded, total, format) {
  const bytes = rows.reduce((sum, row) => sum + row.file.size, 0);
  const sent = bytes - Math.max(0, total - loaded);
  for (const row of rows) {
    const share = row.file.size ? (sent - row.before) / row.file.size : 1;
    const part = Math.min(1, Math.max(0, share));
    row.bar.value = Math.floor(part * 100);
    row.percent.textContent = format.format(part);
  }
  return bytes ? Math.min(1, Math.max(0, sent / bytes)) : 1;
}

function tell(form, words) {
  const place = form.querySelector("[data-upload-message]");
  place.textContent = words;
  place.hidden = !words;
}

// A refused form comes back as a whole page that says why: put it in place of ours.
function replacePage(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.getElementById("content");
  const old = document.getElementById("content");
  if (!fresh || !old) return false;
  old.replaceChildren(...fresh.childNodes);
  document.title = page.title;
  old.dispatchEvent(new CustomEvent("page:replaced", { bubbles: true }));
  return true;
}

function finish(form, request) {
  if (request.status >= 200 && request.status < 300) {
    location.assign(request.responseURL);
    return;
  }
  // After a fault of ours the chosen files stay where they are, so that one press sends them again.
  if (request.status !== 413 && request.status !== 500 && replacePage(request.responseText)) return;
  fail(form, request.status === 413 ? form.dataset.tooLarge : form.dataset.failed);
}

// Nothing is left that says the upload is under way.
function fail(form, words) {
  busy(form, false);
  form.querySelector("[data-upload-list]").replaceChildren();
  form.querySelector("[data-upload-live]").textContent = "";
  tell(form, words);
}

function busy(form, is) {
  form.setAttribute("aria-busy", String(is));
  form.querySelector("[data-upload-cancel]").hidden = !is;
  for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = is;
}

function send(form, files, button) {
  const format = percentFormat(document.documentElement.lang);
  const live = form.querySelector("[data-upload-live]");
  const body = new FormData(form);
  if (button?.name) body.append(button.name, button.value);
  const rows = rowsFor(form, files);
  const request = new XMLHttpRequest();
  let said = -1;

  request.upload.addEventListener("progress", (event) => {
    const part = show(rows, event.loaded, event.total, format);
    const quarter = Math.floor(part * 4);
    if (quarter === said) return;
    said = quarter;
    const words = quarter === 4 ? form.dataset.checking : form.dataset.sending;
    live.textContent = words.replace("{percent}", format.format(quarter / 4));
  });
  request.addEventListener("load", () => finish(form, request));
  for (const failure of ["error", "timeout", "abort"]) {
    request.addEventListener(failure, () => {
      fail(form, failure === "abort" ? form.dataset.cancelled : form.dataset.failed);
    });
  }
  form.querySelector("[data-upload-cancel]").onclick = () => request.abort();
  tell(form, "");
  request.open("POST", form.action);
  busy(form, true);
  request.send(body);
}

function attach(form) {
  form.addEventListener("submit", (event) => {
    const inputs = [...form.querySelectorAll("input[type=file]")];
    const files = inputs.flatMap((input) => [...input.files]);
    if (files.length === 0) return;
    event.preventDefault();
    const most = Number(form.dataset.maxBytes);
    if (most && files.some((file) => file.size > most)) {
      tell(form, form.dataset.tooLarge);
      return;
    }
    send(form, files, event.submitter);
  });
}

function attachAll(scope) {
  for (const form of scope.querySelectorAll("form.upload")) {
    if (attached.has(form)) continue;
    attached.add(form);
    attach(form);
  }
}

attachAll(document);
document.addEventListener("htmx:load", (event) => attachAll(event.target));
document.addEventListener("page:replaced", (event) => attachAll(event.target));
