// What every page loads: the design system's behaviour, and the warning before a session ends.
import { Button } from "govuk-frontend/dist/govuk/components/button/button.mjs";
import { Checkboxes } from "govuk-frontend/dist/govuk/components/checkboxes/checkboxes.mjs";
import { ErrorSummary } from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs";
import { NotificationBanner } from "govuk-frontend/dist/govuk/components/notification-banner/notification-banner.mjs";
import { Radios } from "govuk-frontend/dist/govuk/components/radios/radios.mjs";
import { SkipLink } from "govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs";
import { warnBeforeTheEnd } from "./session-warning.js";

const components = [Button, Checkboxes, ErrorSummary, NotificationBanner, Radios, SkipLink];

function start(scope) {
  for (const Component of components) {
    for (const element of scope.querySelectorAll(`[data-module="${Component.moduleName}"]`)) {
      if (!element.hasAttribute(`data-${Component.moduleName}-init`)) new Component(element);
    }
  }
  searchable(scope);
}

// Only pages with a long list pay for the script that searches it; without it the list stays a list.
function searchable(scope) {
  const list = scope.querySelector("[data-search-script]");
  if (list) import(list.dataset.searchScript).then((script) => script.enhance(scope), () => {});
}

start(document);
document.addEventListener("htmx:load", (event) => start(event.target));
document.addEventListener("page:replaced", (event) => start(event.target));

const warning = document.querySelector("[data-session-warning]");
if (warning) warnBeforeTheEnd(warning);

// Printing is the one thing a page cannot offer by a link or a form.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
