"use strict";
(() => {
  const table = document.getElementById("findings"), body = table.tBodies[0], rows = [...body.rows];
  const filter = document.getElementById("filter"), severity = document.getElementById("severity"), shown = document.getElementById("shown");
  const texts = rows.map(row => row.textContent.toLowerCase());
  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(word => word);
    let n = 0;
    rows.forEach((row, i) => {
      row.hidden = (severity.value !== "" && row.dataset.severity !== severity.value) || !words.every(word => texts[i].includes(word));
      n += row.hidden ? 0 : 1;
    });
    shown.value = n + " of " + rows.length + " shown";
  };
  const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
  const value = (row, column) => row.cells[column].dataset.rank ? -Number(row.cells[column].dataset.rank) : row.cells[column].textContent;
  const sort = (head, column) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const order = (a, b) => {
      const x = value(a, column), y = value(b, column);
      return typeof x === "number" ? x - y : compare(x, y);
    };
    body.append(...[...rows].sort((a, b) => down ? order(b, a) : order(a, b)));
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head, column));
    head.replaceChildren(button);
  });
  filter.addEventListener("input", show);
  severity.addEventListener("change", show);
  document.getElementById("controls").addEventListener("submit", event => event.preventDefault());
  document.getElementById("controls").hidden = false;
  show();
})();
