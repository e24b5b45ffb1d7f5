// Enhancement only: every page works the same without this file.

function markBusy(event) {
  const button = event.submitter ?? event.target.querySelector("[type=submit]");
  if (!button) return;
  // A disabled button is left out of what is sent, so wait until the form has been read.
  setTimeout(() => {
    if (event.defaultPrevented) return;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
  });
}

function markReady() {
  for (const button of document.querySelectorAll("[aria-busy=true]")) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", markBusy);
// Coming back by the browser's history shows the page as it was left, busy button included.
addEventListener("pageshow", markReady);

function showDeliveryMethod(form, option) {
  const { shipping, tax, total, expected } = option.dataset;
  const place = form.querySelector("[data-label]");
  for (const [name, text] of Object.entries({ shipping, tax, total })) {
    const shown = form.querySelector(`[data-shown=${name}]`);
    if (shown && text) shown.textContent = text;
  }
  if (place) place.textContent = place.dataset.label.replace("{}", total);
  if (form.elements.expected_total) form.elements.expected_total.value = expected;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[name=shipping_method][data-expected]")) showDeliveryMethod(event.target.form, event.target);
});

const waiting = document.querySelector("[data-look-again]");
if (waiting) setTimeout(() => location.reload(), 1000 * waiting.dataset.lookAgain);
